using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Operations;

/// <summary>MaxPool of bytes: the order of bytes is that of the numbers they stand for.</summary>
internal sealed class MaxPoolOperation(string name, EngineValue input, EngineValue output, Window window) : Operation(name, [input], output)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Step CreateStep(StepFactory factory) =>
        new PoolStep(Inputs[0].Layout, Output.Layout, window, PoolKernels.Max.Choose(factory.Kernels), null, default, false)
        {
            Name = Name,
            Kind = $"max-pool {window.KernelHeight}x{window.KernelWidth}/{window.StrideY}",
            BytesTouched = OperandBytes(),
        };
}

/// <summary>AveragePool of bytes.</summary>
internal sealed class AveragePoolOperation(string name, ByteOperand input, ByteResult output, Window window, bool countsPads)
    : Operation(name, [input.Value], output.Value)
{
    private ByteRange _range = output.Range;

    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override bool TryClamp(ByteRange range)
    {
        _range = _range.Then(range);
        return true;
    }

    public override Step CreateStep(StepFactory factory) =>
        new PoolStep(Inputs[0].Layout, Output.Layout, window, null, PoolKernels.Average.Choose(factory.Kernels),
            new AverageFactors(input.Scale.Scale / output.Scale.Scale, input.Scale.ZeroPoint, output.Scale.ZeroPoint, _range.Low, _range.High),
            countsPads)
        {
            Name = Name,
            Kind = $"average-pool {window.KernelHeight}x{window.KernelWidth}/{window.StrideY}",
            BytesTouched = OperandBytes(),
        };
}

/// <summary>The average of each channel over the whole image: an exact sum, then one requantization, as ONNX Runtime's
/// QLinearGlobalAveragePool; or the sum as float.</summary>
internal sealed class GlobalAverageOperation(string name, ByteOperand input, EngineValue output, ByteScale? outputScale, ByteRange range)
    : Operation(name, [input.Value], output)
{
    private ByteRange _range = range;

    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override bool TryClamp(ByteRange range)
    {
        if (outputScale is null) return false;
        _range = _range.Then(range);
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var count = Sizes.Product(Inputs[0].Shape.AsSpan(2));
        var multiplier = outputScale is { } bytes ? input.Scale.Scale / (bytes.Scale * count) : input.Scale.Scale / count;
        return new GlobalAverageStep(Inputs[0].Layout, Output.Layout, input.Scale.ZeroPoint, multiplier, outputScale?.ZeroPoint, _range)
        {
            Name = Name,
            Kind = "global average",
            BytesTouched = OperandBytes(),
        };
    }
}
