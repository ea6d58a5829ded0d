using Caliper.Planning.Steps;

namespace Caliper.Planning.Operations;

/// <summary>For each index of the output the two of the input it lies between.</summary>
/// <param name="Low">The lower one, or the nearest.</param>
/// <param name="High">The upper one.</param>
/// <param name="Weight">Share of the upper one.</param>
internal sealed record ResampleAxis(int[] Low, int[] High, float[] Weight)
{
    /// <summary>An axis of one element that stays as it is.</summary>
    public static ResampleAxis Single => new([0], [0], [0]);
}

/// <summary>What the bytes stand for around an interpolation.</summary>
internal sealed record ResizeScales(ByteScale Input, ByteScale Output, ByteRange Range)
{
    /// <summary>Bytes are interpolated as the numbers they are and cut off to integers, as ONNX Runtime does it for integers
    /// that nobody dequantizes.</summary>
    public static ResizeScales Truncating { get; } = new(new ByteScale(1, 0), new ByteScale(1, 0), ByteRange.Full);
}

/// <summary>Resize of NHWC bytes: the nearest pixel, or linear interpolation.</summary>
internal sealed class ResizeOperation(
    string name, EngineValue input, EngineValue output, ResampleAxis rows, ResampleAxis columns, ResizeScales? scales) : Operation(name, [input], output)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Step CreateStep(StepFactory factory) => new ResizeStep(Inputs[0].Layout, Output.Layout, rows, columns, scales)
    {
        Name = Name,
        Kind = scales is null ? "resize nearest" : "resize linear",
        BytesTouched = OperandBytes(),
    };
}
