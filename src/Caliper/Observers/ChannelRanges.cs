using Caliper.Graphs;

namespace Caliper.Observers;

/// <summary>The range of each channel of a tensor, in one pass and without moving an element.</summary>
internal static class ChannelRanges
{
    /// <summary>The axis from 0 that <paramref name="channelAxis"/> means for a shape.</summary>
    public static int Axis(int channelAxis, Shape shape, string observer)
    {
        var axis = channelAxis < 0 ? channelAxis + shape.Rank : channelAxis;
        return axis >= 0 && axis < shape.Rank
            ? axis
            : throw new CaliperException($"A {observer} looks at channels along axis {channelAxis}, which a tensor of shape {shape} does not have.");
    }

    public static void Scan(ReadOnlySpan<float> values, Shape shape, int axis, Span<FiniteRange> ranges)
    {
        var inner = 1;
        for (var i = axis + 1; i < shape.Rank; i++) inner *= (int)shape[i].Length;
        for (int channel = 0, start = 0; start < values.Length; start += inner, channel = channel + 1 == ranges.Length ? 0 : channel + 1)
            ranges[channel].Add(FiniteRange.Of(values.Slice(start, inner)));
    }
}
