namespace Caliper.Engine.Values;

/// <summary>
/// A box of elements that is read in one place and written in another, row by row of columns. A column is what lies side by side in both, such
/// as some channels of a pixel: one call copies those of a whole row. A box that has nothing else is one column after the other.
/// </summary>
/// <param name="Walk">Rows of columns, where they are written and read.</param>
/// <param name="From">Where it is read.</param>
/// <param name="To">Where it is written.</param>
/// <param name="ColumnBytes">Bytes of a column.</param>
internal sealed record CopiedBox(StridedWalk Walk, Place From, Place To, int ColumnBytes)
{
    // What is longer is copied for itself.
    private const int LongestColumn = 256;

    /// <summary>Plans a box.</summary>
    /// <param name="lengths">Its lengths.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    /// <param name="from">Where it is read, and at which strides.</param>
    /// <param name="to">Where it is written.</param>
    public static CopiedBox Of(int[] lengths, int elementSize, (Place Place, long[] Strides) from, (Place Place, long[] Strides) to)
    {
        var axes = StridedWalk.Joined(lengths, to.Strides, from.Strides);
        var isColumn = axes.Count > 1 && axes[0].Length <= LongestColumn && axes[0].Strides.All(s => s == elementSize);
        var rows = axes.Skip(isColumn ? 1 : 0).Reverse().ToArray();
        var walk = StridedWalk.Of([.. rows.Select(r => r.Length)], [.. rows.Select(r => r.Strides[0])], [.. rows.Select(r => r.Strides[1])]);
        return new(walk, from.Place, to.Place, isColumn ? axes[0].Length * elementSize : elementSize);
    }

    /// <summary>Whether what lies side by side where it is read does so where it is written.</summary>
    public bool IsSideBySide => Walk.RunStrides.All(s => s == ColumnBytes);
}
