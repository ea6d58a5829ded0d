using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Words;

namespace Caliper.Engine.Operations;

/// <summary>A convolution of words with constant weights of bytes.</summary>
/// <param name="name">The node.</param>
/// <param name="input">N×C×H×W or N×C×W words.</param>
/// <param name="outputs">Floats or bytes; or words, their upper bytes first.</param>
/// <param name="geometry">Window and groups.</param>
/// <param name="weights">Output channel, window row, window column, input channel of the group.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class WordConvolutionOperation(string name, WordOperand input, EngineValue[] outputs, ConvolutionGeometry geometry,
    LayerWeights weights, WordEpilogue epilogue) : Operation(name, [input.High, input.Low], outputs)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    /// <inheritdoc cref="ConvolutionGeometry.GainsFromTouchingPixels"/>
    public bool GainsFromTouchingPixels => geometry.GainsFromTouchingPixels(Inputs[0].Shape[1]);

    public override Border? BorderAround(int index) => index > 1 ? null
        : geometry.BorderOf(Inputs[index].Shape, Output.Shape, index == 0 ? input.Scale.HighZero : input.Scale.LowZero);

    public override bool ReadsAfter(int index) => true;

    public override Step CreateStep(StepFactory factory)
    {
        var (high, low, output) = (Inputs[0].Layout, Inputs[1].Layout, Output.Layout);
        var lowOutput = epilogue.Result is WordResult.Words ? Outputs[1].Layout : null;
        if (!high.Strides.AsSpan().SequenceEqual(low.Strides)) throw new InvalidOperationException("The halves of words lie differently.");
        var isDepthwise = geometry.IsDepthwise(Inputs[0].Shape, Output.Shape);
        var count = isDepthwise ? 1 : geometry.Groups;
        var (perIn, perOut) = (Inputs[0].Shape[1] / count, Output.Shape[1] / count);
        var shape = geometry.ShapeOf(high, output, (perIn, perOut), isDepthwise, lowOutput);
        var kind = geometry.Kind(isDepthwise) + " of 16 bits";
        return JoinedStep.Of([.. Lattice.Of(shape).Select(lattice => StepOf(lattice, shape, count, kind, factory))], OperandBytes() + weights.Length);
    }

    private WordConvolutionStep StepOf(Lattice lattice, ConvolutionShape whole, int count, string kind, StepFactory factory)
    {
        var (shape, perIn, perOut) = (lattice.Of(whole), whole.InputChannels, whole.OutputChannels);
        var (high, low) = (geometry.FirstTap(Inputs[0].Layout), geometry.FirstTap(Inputs[1].Layout));
        var lowOutput = epilogue.Result is WordResult.Words ? Place.Of(Outputs[1].Layout) + lattice.Offset(whole.Residual) : default;
        var parts = new WordConvolutionStep.Part[count];
        for (var group = 0; group < count; group++)
        {
            var (first, from) = (group * perOut, lattice.Offset(whole.Input) + group * perIn);
            var layer = new WordLayer(Name, shape with { Residual = default }, shape.Residual, weights.Slice(first, perOut), input.Scale.ZeroPoint,
                epilogue.Slice(first, perOut));
            parts[group] = new(WordConvolutions.Create(layer, factory.Resources, factory.Kernels), layer, high + from, low + from,
                Place.Of(Output.Layout) + (lattice.Offset(whole.Output) + (long)first * epilogue.ElementSize),
                epilogue.Result is WordResult.Words ? lowOutput + first : default);
        }
        return new WordConvolutionStep(parts)
        {
            Name = Name,
            Kind = kind,
            MultiplyAdds = shape.MultiplyAdds * count,
            BytesTouched = OperandBytes() + weights.Length,
        };
    }
}
