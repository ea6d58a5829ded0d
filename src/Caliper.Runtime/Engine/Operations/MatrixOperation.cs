using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>Rows of bytes times a constant matrix: a 1×1 convolution over one long row of pixels.</summary>
/// <param name="name">The node.</param>
/// <param name="input">Bytes whose last axis is summed over.</param>
/// <param name="output">Bytes, floats or sums whose last axis is the outputs.</param>
/// <param name="weights">Output, input.</param>
/// <param name="bias">Of each output, in steps of the sums.</param>
/// <param name="inputZeroPoint">The byte that stands for 0.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class MatrixOperation(
    string name, EngineValue input, EngineValue output, LayerWeights weights, int[] bias, byte inputZeroPoint,
    Epilogue epilogue) : Operation(name, [input], output)
{
    private Epilogue _epilogue = epilogue;

    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override bool ReadsAfter(int input) => true;

    public override bool TryClamp(ByteRange range)
    {
        if (_epilogue.Within(range) is not { } clamped) return false;
        _epilogue = clamped;
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var (inputs, outputs) = (Inputs[0].Shape[^1], Output.Shape[^1]);
        var rows = Inputs[0].Count / inputs;
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 1,
            OutputWidth = rows,
            InputChannels = inputs,
            OutputChannels = outputs,
            KernelHeight = 1,
            KernelWidth = 1,
            Input = Rows(Inputs[0], rows),
            Output = Rows(Output, rows),
        };
        var layer = new ConvolutionLayer(Name, shape, weights, bias, inputZeroPoint, _epilogue);
        var kernel = ConvolutionKernels.Create(layer, factory.Resources, factory.Kernels);
        return new ConvolutionStep([new(kernel, Place.Of(Inputs[0].Layout), Place.Of(Output.Layout), default)])
        {
            Name = Name,
            Kind = $"matrix {inputs}x{outputs}",
            MultiplyAdds = shape.MultiplyAdds,
            BytesTouched = OperandBytes() + weights.Length,
        };
    }

    private static PlaneStrides Rows(EngineValue value, int rows)
    {
        var pixel = value.Shape[^1] * value.ElementSize;
        return new PlaneStrides(pixel, checked(pixel * rows), (long)pixel * rows);
    }
}
