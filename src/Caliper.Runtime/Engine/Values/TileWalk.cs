namespace Caliper.Engine.Values;

/// <summary>
/// A walk over a box of several tensors in tiles of rows and columns, small enough that what is computed of a tile stays in the first
/// cache. Columns go along the innermost axis of the first tensor; rows along the one that is innermost of a tensor which lies otherwise,
/// or else along the next, so that every tensor is touched in runs.
/// </summary>
internal sealed class TileWalk
{
    /// <summary>The most elements of a tile.</summary>
    public const int MostElements = 1024;

    // A tile of two orders is a square: both are touched in runs of this, where neither is shorter.
    private const int Side = 32;

    private readonly int[] _lengths;
    private readonly long[][] _strides;
    private readonly (int Length, long[] Strides) _columns, _rows;

    private TileWalk((int Length, long[] Strides)[] outer, (int, long[]) columns, (int, long[]) rows, bool isSquare)
    {
        (_lengths, _strides, _columns, _rows) = ([.. outer.Select(o => o.Length)], [.. outer.Select(o => o.Strides)], columns, rows);
        Columns = Math.Min(_columns.Length, isSquare ? Math.Max(Side, MostElements / _rows.Length / Side * Side) : MostElements);
        var rest = MostElements / Columns;
        Rows = Math.Min(_rows.Length, isSquare && rest > Side ? rest / Side * Side : rest);
        (ColumnTiles, RowTiles) = (Sizes.CeilDiv(_columns.Length, Columns), Sizes.CeilDiv(_rows.Length, Rows));
        Count = checked(Sizes.Product(_lengths) * ColumnTiles * RowTiles);
    }

    /// <summary>Number of tiles.</summary>
    public int Count { get; }

    /// <summary>Columns of a whole tile.</summary>
    public int Columns { get; }

    /// <summary>Rows of a whole tile.</summary>
    public int Rows { get; }

    /// <summary>Bytes from column to column, for each tensor.</summary>
    public long[] ColumnStrides => _columns.Strides;

    /// <summary>Bytes from row to row, for each tensor.</summary>
    public long[] RowStrides => _rows.Strides;

    private int ColumnTiles { get; }

    private int RowTiles { get; }

    /// <summary>Plans a walk.</summary>
    /// <param name="lengths">Lengths of the box.</param>
    /// <param name="elementSizes">Bytes of an element of each tensor.</param>
    /// <param name="strides">For each tensor its strides in bytes; 0 where it is repeated.</param>
    public static TileWalk Of(int[] lengths, int[] elementSizes, params long[][] strides)
    {
        var axes = StridedWalk.Joined(lengths, strides);
        var row = Enumerable.Range(1, axes.Count - 1).Where(a => IsRunElsewhere(axes, a, elementSizes)).OrderByDescending(a => axes[a].Length)
            .FirstOrDefault();
        var isSquare = row > 0;
        if (!isSquare && axes.Count > 1) row = 1;
        var rows = row > 0 ? axes[row] : (1, new long[strides.Length]);
        return new TileWalk([.. axes.Where((_, a) => a != 0 && a != row).Reverse()], axes[0], rows, isSquare);
    }

    /// <summary>Where a tile begins, for each tensor, and its size.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    /// <param name="offsets">Receives bytes from the tensor's first element of the box.</param>
    public (int Rows, int Columns) Tile(int index, Span<long> offsets)
    {
        var (rest, column) = Math.DivRem(index, ColumnTiles);
        (rest, var row) = Math.DivRem(rest, RowTiles);
        var (firstColumn, firstRow) = (column * Columns, row * Rows);
        for (var t = 0; t < offsets.Length; t++) offsets[t] = firstColumn * _columns.Strides[t] + firstRow * _rows.Strides[t];
        for (var axis = _lengths.Length - 1; axis >= 0; axis--)
        {
            (rest, var at) = Math.DivRem(rest, _lengths[axis]);
            for (var t = 0; t < offsets.Length; t++) offsets[t] += at * _strides[axis][t];
        }
        return (Math.Min(Rows, _rows.Length - firstRow), Math.Min(Columns, _columns.Length - firstColumn));
    }

    /// <summary>What the walk touches of a tensor whose elements have so many bytes, from the first element of the box.</summary>
    public ByteSpan Span(int tensor, int elementSize)
    {
        var axes = new List<(long, long)> { (_columns.Length, _columns.Strides[tensor]), (_rows.Length, _rows.Strides[tensor]) };
        for (var axis = 0; axis < _lengths.Length; axis++) axes.Add((_lengths[axis], _strides[axis][tensor]));
        return ByteSpan.Of(elementSize, axes.ToArray());
    }

    /// <summary>Whether a tensor has its elements side by side along this axis, and not along the innermost one.</summary>
    private static bool IsRunElsewhere(List<(int Length, long[] Strides)> axes, int axis, int[] sizes) => Enumerable.Range(0, sizes.Length)
        .Any(t => axes[axis].Strides[t] == sizes[t] && axes[0].Strides[t] != sizes[t] && axes[0].Strides[t] != 0);
}
