using System.Numerics;
using System.Runtime.InteropServices;
using Caliper.Graphs;

namespace Caliper.Statistics;

/// <summary>The range of each channel of a tensor, in one pass and without moving an element.</summary>
internal static class ChannelRanges
{
    /// <summary>The axis from 0 that <paramref name="channelAxis"/> means for a shape.</summary>
    public static int Axis(int channelAxis, Shape shape, string observer)
    {
        var axis = channelAxis < 0 ? channelAxis + shape.Rank : channelAxis;
        return axis >= 0 && axis < shape.Rank
            ? axis
            : throw new CaliperException(
                $"A {observer} looks at channels along axis {channelAxis}, which a tensor of shape {shape} does not have.");
    }

    /// <summary>Widens the range of each channel by what is finite, and returns what is not.</summary>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="axis">The channels' axis.</param>
    /// <param name="mins">One a channel; +∞ where nothing was seen.</param>
    /// <param name="maxs">One a channel; -∞ where nothing was seen.</param>
    public static NonFinite Scan(ReadOnlySpan<float> values, Shape shape, int axis, Span<float> mins, Span<float> maxs)
    {
        var inner = 1;
        for (var i = axis + 1; i < shape.Rank; i++) inner *= (int)shape[i].Length;
        var skipped = new NonFinite();
        if (inner == 1)
        {
            for (var start = 0; start < values.Length; start += mins.Length)
                ScanRow(values.Slice(start, mins.Length), mins, maxs, ref skipped);
            return skipped;
        }
        for (int channel = 0, start = 0; start < values.Length; start += inner)
        {
            var range = FiniteRange.Of(values.Slice(start, inner));
            skipped.Add(range.Skipped);
            if (range.Min < mins[channel]) mins[channel] = range.Min;
            if (range.Max > maxs[channel]) maxs[channel] = range.Max;
            channel = channel + 1 == mins.Length ? 0 : channel + 1;
        }
        return skipped;
    }

    /// <summary>A row of one element a channel, as in a matrix whose last axis is the channels': each lane is a
    /// channel.</summary>
    private static void ScanRow(ReadOnlySpan<float> row, Span<float> mins, Span<float> maxs, ref NonFinite skipped)
    {
        var infinity = new Vector<float>(float.PositiveInfinity);
        var rowVectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var minVectors = MemoryMarshal.Cast<float, Vector<float>>(mins);
        var maxVectors = MemoryMarshal.Cast<float, Vector<float>>(maxs);
        var finite = Vector<int>.AllBitsSet;
        for (var i = 0; i < rowVectors.Length; i++)
        {
            var x = rowVectors[i];
            var isFinite = Vector.LessThan(Vector.Abs(x), infinity);
            var (low, high) =
                (Vector.ConditionalSelect(isFinite, x, infinity), Vector.ConditionalSelect(isFinite, x, -infinity));
            // Adding 0 makes 0 of -0, as FiniteRange does.
            minVectors[i] = Vector.MinNative(minVectors[i], low) + Vector<float>.Zero;
            maxVectors[i] = Vector.MaxNative(maxVectors[i], high) + Vector<float>.Zero;
            finite &= isFinite;
        }
        var tail = rowVectors.Length * Vector<float>.Count;
        for (var i = tail; i < row.Length; i++)
        {
            if (!float.IsFinite(row[i])) skipped.Add(row[i]);
            else (mins[i], maxs[i]) = (MathF.Min(mins[i], row[i]) + 0f, MathF.Max(maxs[i], row[i]) + 0f);
        }
        if (!Vector.EqualsAll(finite, Vector<int>.AllBitsSet)) foreach (var value in row[..tail]) skipped.Add(value);
    }
}
