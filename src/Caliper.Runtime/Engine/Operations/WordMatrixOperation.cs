using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Words;

namespace Caliper.Engine.Operations;

/// <summary>Rows of words times a constant matrix of bytes: a 1×1 convolution over one long row of pixels.</summary>
/// <param name="name">The node.</param>
/// <param name="input">Words whose last axis is summed over.</param>
/// <param name="outputs">Floats or bytes whose last axis is the outputs; or words, their upper bytes first.</param>
/// <param name="weights">Output, input.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class WordMatrixOperation(string name, WordOperand input, EngineValue[] outputs, LayerWeights weights, WordEpilogue epilogue)
    : Operation(name, [input.High, input.Low], outputs)
{
    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override bool ReadsAfter(int index) => true;

    public override Step CreateStep(StepFactory factory)
    {
        var (inputs, results) = (Inputs[0].Shape[^1], Output.Shape[^1]);
        var rows = Inputs[0].Count / inputs;
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 1,
            OutputWidth = rows,
            InputChannels = inputs,
            OutputChannels = results,
            KernelHeight = 1,
            KernelWidth = 1,
            Input = Rows(inputs),
            Output = Rows(results * epilogue.ElementSize),
        };
        var layer = new WordLayer(Name, shape, shape.Output, weights, input.Scale.ZeroPoint, epilogue);
        var low = epilogue.Result is WordResult.Words ? Place.Of(Outputs[1].Layout) : default;
        var kernel = WordConvolutions.Create(layer, factory.Resources, factory.Kernels);
        return new WordConvolutionStep([new(kernel, layer, Place.Of(Inputs[0].Layout), Place.Of(Inputs[1].Layout), Place.Of(Output.Layout), low)])
        {
            Name = Name,
            Kind = $"matrix {inputs}x{results} of 16 bits",
            MultiplyAdds = shape.MultiplyAdds,
            BytesTouched = OperandBytes() + weights.Length,
        };

        PlaneStrides Rows(int pixel) => new(pixel, checked(pixel * rows), (long)pixel * rows);
    }
}
