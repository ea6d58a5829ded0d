using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>What lies side by side where it is written and is made of a few bytes here and there: the same in every block of a box.</summary>
/// <param name="Places">For each byte of the block where it is read, from the first that is.</param>
/// <param name="Rows">The axes of the box that are left, the innermost first.</param>
internal sealed record MappedBlock(int[] Places, List<(int Length, long[] Strides)> Rows)
{
    // Columns that are longer are copied one by one.
    private const int ShortColumn = 16;

    // Longer blocks have as many vectors as columns.
    private const int LongestBlock = 1024;

    private const int Farthest = 1 << 24;

    /// <summary>Whether a column of so many bytes is copied by itself.</summary>
    public static bool IsLong(int bytes) => bytes >= ShortColumn;

    /// <summary>The inner axes of a box, where they are dense in what is written and columns are short; null where they are not.</summary>
    /// <param name="axes">Axes as <see cref="StridedWalk.Joined"/> puts them, of where the box is written and read.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    public static MappedBlock? Of(List<(int Length, long[] Strides)> axes, int elementSize)
    {
        var (places, taken) = (Enumerable.Range(0, elementSize).Select(b => (long)b).ToArray(), 0);
        for (; taken < axes.Count - 1; taken++)
        {
            var (length, strides) = axes[taken];
            if (strides[0] != places.Length || (long)places.Length * length > LongestBlock) break;
            if (taken == 0 && strides[1] == elementSize && IsLong(elementSize * length)) return null;
            var inner = places;
            places = [.. Enumerable.Range(0, length).SelectMany(i => inner.Select(place => place + i * strides[1]))];
        }
        return taken == 0 ? null : Of(places, axes[taken..]);
    }

    /// <summary>The columns of several boxes, one after the other; null where they do not lie side by side, or are long.</summary>
    /// <param name="rows">The axes that all have.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    /// <param name="stride">Bytes between elements of a column where it is read.</param>
    /// <param name="columns">Length of each column, where it is read and where it is written, in the order of the latter.</param>
    public static MappedBlock? Of(
        List<(int Length, long[] Strides)> rows, int elementSize, long stride, IReadOnlyList<(int Length, long From, long To)> columns)
    {
        var first = columns.Min(c => c.From);
        var places = new List<long>();
        foreach (var (length, from, to) in columns)
        {
            if (to - columns[0].To != places.Count || IsLong(length * elementSize) || places.Count > LongestBlock) return null;
            for (var i = 0; i < length * elementSize; i++) places.Add(from - first + i / elementSize * stride + i % elementSize);
        }
        return Of([.. places], rows);
    }

    private static MappedBlock? Of(long[] places, List<(int Length, long[] Strides)> rows) =>
        places.Any(p => p is < 0 or > Farthest) || rows.Any(r => r.Strides[1] < 0) ? null : new([.. places.Select(p => (int)p)], rows);
}
