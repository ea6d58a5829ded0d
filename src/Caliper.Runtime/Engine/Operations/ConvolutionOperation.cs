using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>A convolution of bytes with constant weights.</summary>
/// <param name="name">The node.</param>
/// <param name="input">N×C×H×W or N×C×W bytes.</param>
/// <param name="output">Bytes, or the floats or sums that the epilogue gives.</param>
/// <param name="window">Geometry.</param>
/// <param name="groups">Output channels are split into so many groups, each reading its share of the input channels.</param>
/// <param name="weights">Output channel, window row, window column, input channel of the group.</param>
/// <param name="bias">Of each output channel, in steps of the sums.</param>
/// <param name="inputZeroPoint">The byte that stands for 0.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class ConvolutionOperation(
    string name, EngineValue input, EngineValue output, Window window, int groups, LayerWeights weights, int[] bias,
    byte inputZeroPoint, Epilogue epilogue) : Operation(name, [input], output)
{
    private readonly ConvolutionGeometry _geometry = new(window, groups);

    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    /// <summary>What happens to the sums.</summary>
    public Epilogue Epilogue { get; set; } = epilogue;

    /// <inheritdoc cref="ConvolutionGeometry.GainsFromTouchingPixels"/>
    public bool GainsFromTouchingPixels => _geometry.GainsFromTouchingPixels(Inputs[0].Shape[1]);

    public override Border? BorderAround(int index) =>
        index == 0 ? _geometry.BorderOf(Inputs[0].Shape, Output.Shape, inputZeroPoint) : null;

    public override bool ReadsAfter(int index) => index == 0;

    public override bool TryClamp(ByteRange range)
    {
        if (Epilogue.Within(range) is not { } clamped) return false;
        Epilogue = clamped;
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var isDepthwise = _geometry.IsDepthwise(Inputs[0].Shape, Output.Shape);
        var parts = isDepthwise ? 1 : groups;
        var shape = _geometry.ShapeOf(Inputs[0].Layout, Output.Layout, (Inputs[0].Shape[1] / parts, Output.Shape[1] / parts), isDepthwise,
            Epilogue.Residual is null ? null : Inputs[1].Layout);
        var kind = _geometry.Kind(isDepthwise) + (Epilogue.Residual is null ? "" : " + add");
        return JoinedStep.Of([.. Lattice.Of(shape).Select(lattice => StepOf(lattice, shape, parts, kind, factory))], OperandBytes() + weights.Length);
    }

    private ConvolutionStep StepOf(Lattice lattice, ConvolutionShape whole, int parts, string kind, StepFactory factory)
    {
        var (perIn, perOut, shape) = (whole.InputChannels, whole.OutputChannels, lattice.Of(whole));
        var (input, output) = (_geometry.FirstTap(Inputs[0].Layout) + lattice.Offset(whole.Input),
            Place.Of(Output.Layout) + lattice.Offset(whole.Output));
        var kernels = Enumerable.Range(0, parts).Select(group => new ConvolutionStep.Part(
            ConvolutionKernels.Create(Slice(shape, group * perOut, perOut), factory.Resources, factory.Kernels),
            input + group * perIn, output + (long)group * perOut * Output.ElementSize,
            Epilogue.Residual is null ? default : Place.Of(Inputs[1].Layout) + (lattice.Offset(whole.Residual) + group * perOut)));
        return new ConvolutionStep([.. kernels])
        {
            Name = Name,
            Kind = kind,
            MultiplyAdds = shape.MultiplyAdds * parts,
            BytesTouched = OperandBytes() + weights.Length,
        };
    }

    private ConvolutionLayer Slice(ConvolutionShape shape, int first, int count) => new(Name, shape, weights.Slice(first, count),
        bias[first..(first + count)], inputZeroPoint, Epilogue with { Multipliers = Epilogue.Multipliers[first..(first + count)] });
}
