namespace Caliper.Engine.Values;

/// <summary>What the bytes stand for around an interpolation.</summary>
internal sealed record ResizeScales(ByteScale Input, ByteScale Output, ByteRange Range)
{
    /// <summary>Bytes are interpolated as the numbers they are and cut off to integers, as ONNX Runtime does it for integers
    /// that nobody dequantizes.</summary>
    public static ResizeScales Truncating { get; } = new(new ByteScale(1, 0), new ByteScale(1, 0), ByteRange.Full);
}
