using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A constant operand that broadcasting spreads over a value's channels: one number, or one for each channel.</summary>
internal static class ChannelConstant
{
    /// <summary>Its number for each channel; null where it differs within a channel, or adds axes.</summary>
    /// <param name="constant">The constant.</param>
    /// <param name="rank">Number of axes of the value.</param>
    /// <param name="axis">Axis of the value's channels.</param>
    /// <param name="channels">Number of channels.</param>
    public static float[]? Of(Tensor? constant, int rank, int axis, int channels)
    {
        if (constant is not { Type: ElementType.Float32 } || constant.Shape.Rank > rank) return null;
        var values = constant.Span<float>();
        if (values.Length == 1) return [.. Enumerable.Repeat(values[0], channels)];
        var at = axis - (rank - constant.Shape.Rank);
        return at >= 0 && values.Length == channels && constant.Shape[at].Length == channels ? values.ToArray() : null;
    }

    /// <summary>A constant of one number a channel.</summary>
    public static Tensor ToTensor(float[] values, int rank, int axis) =>
        Tensor.Of(Shape.Of([values.Length, .. Enumerable.Repeat(1L, rank - axis - 1)]), values);
}
