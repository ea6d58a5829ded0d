using System.Runtime.InteropServices;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>Refuses constants that no scale can stand for.</summary>
internal static class FiniteConstant
{
    /// <summary>Checks a constant that is to become integers.</summary>
    /// <exception cref="CaliperException">It holds NaN or an infinity; the message names it, and where the first one stands.</exception>
    public static void Check(Graph graph, string initializer, string layer)
    {
        var constant = graph.Constant(initializer)!;
        var values = constant.Span<float>();
        var first = FirstNotFinite(MemoryMarshal.Cast<float, uint>(values));
        if (first < 0) return;
        var count = 0;
        foreach (var value in values) count += float.IsFinite(value) ? 0 : 1;
        throw new CaliperException(FormattableString.Invariant($"'{layer}': {count} of {values.Length} values of its constant '{initializer}' ")
            + FormattableString.Invariant($"are NaN or infinite, the first at [{string.Join(", ", IndexOf(constant.Shape, first))}]; ")
            + "train or export the network again, or keep the layer float (--exclude).");
    }

    private static int FirstNotFinite(ReadOnlySpan<uint> bits)
    {
        const uint exponent = 0x7F80_0000;
        for (var i = 0; i < bits.Length; i++) if ((bits[i] & exponent) == exponent) return i;
        return -1;
    }

    private static IEnumerable<long> IndexOf(Shape shape, long index)
    {
        var places = new long[shape.Rank];
        for (var axis = shape.Rank - 1; axis >= 0; axis--) (index, places[axis]) = Math.DivRem(index, shape[axis].Length);
        return places;
    }
}
