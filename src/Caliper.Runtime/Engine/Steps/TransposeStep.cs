using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>
/// Moves bytes whose neighbours in the output are no neighbours in the input, as between channels-last and channels-first. Eight by
/// eight bytes at a time: each end is then read and written in whole words.
/// </summary>
internal sealed unsafe class TransposeStep : Step
{
    private const int Tile = ByteSquare.Side;

    // Columns of the output that one unit of work makes.
    private const int Band = 512;

    private readonly StridedWalk _outer;
    private readonly Place _from, _to;
    private readonly (int Length, long From, long To) _row, _column;
    private readonly ulong _flip;
    private readonly int _bands;

    private TransposeStep(StridedWalk outer, Place from, Place to, (int, long, long) row, (int, long, long) column, bool flipsSign)
    {
        (_outer, _from, _to, _row, _column) = (outer, from, to, row, column);
        _flip = flipsSign ? 0x8080_8080_8080_8080 : 0;
        _bands = Sizes.CeilDiv(_column.Length, Band);
        Units = outer.Count * outer.RunLength * _bands;
    }

    public override int Units { get; }

    /// <summary>Plans the move of a box; null where a copy along strides does as well.</summary>
    /// <param name="lengths">Lengths of the box.</param>
    /// <param name="from">Where its first element is read, and the strides there.</param>
    /// <param name="to">Where it is written, and the strides there.</param>
    /// <param name="flipsSign">Whether the top bit of each byte is flipped.</param>
    /// <param name="name">The step's name.</param>
    /// <param name="kind">What it does.</param>
    /// <param name="bytesTouched">Bytes read and written.</param>
    public static TransposeStep? Of(int[] lengths, (Place Place, long[] Strides) from, (Place Place, long[] Strides) to, bool flipsSign,
        string name, string kind, long bytesTouched)
    {
        var axes = StridedWalk.Joined(lengths, to.Strides, from.Strides);
        var (column, row) = (axes.FindIndex(a => a.Strides[0] == 1), axes.FindIndex(a => a.Strides[1] == 1));
        if (column < 0 || row < 0 || column == row || axes[column].Length < Tile || axes[row].Length < Tile) return null;
        var others = axes.Where((_, i) => i != column && i != row).ToArray();
        var outer = StridedWalk.Of([.. others.Select(o => o.Length)], [.. others.Select(o => o.Strides[0])], [.. others.Select(o => o.Strides[1])]);
        // So many places that the walk cuts its runs: nothing that networks do.
        if ((long)outer.Count * outer.RunLength != outer.Elements) return null;
        return new TransposeStep(outer, from.Place, to.Place, Sides(axes[row]), Sides(axes[column]), flipsSign)
        {
            Name = name,
            Kind = kind,
            BytesTouched = bytesTouched,
        };

        static (int, long, long) Sides((int Length, long[] Strides) axis) => (axis.Length, axis.Strides[1], axis.Strides[0]);
    }

    // Bytes of a row lie side by side where they are read, those of a column where they are written.
    public override IEnumerable<Extent> Extents =>
    [
        Extent.Writes(_to, Box(0, _row.To, 1)),
        Extent.Reads(_from, Box(1, 1, _column.From)),
    ];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (place, band) = Math.DivRem(unit, _bands);
            var (index, step) = Math.DivRem(place, _outer.RunLength);
            _outer.Run(index, offsets);
            var to = context.At(_to) + offsets[0] + step * _outer.RunStrides[0];
            var from = context.At(_from) + offsets[1] + step * _outer.RunStrides[1];
            Move(from, to, band * Band, Math.Min(_column.Length, (band + 1) * Band));
        }
    }

    private ByteSpan Box(int tensor, long rowStride, long columnStride)
    {
        var (outer, box) = (_outer.Span(tensor, 1), ByteSpan.Of(1, (_row.Length, rowStride), (_column.Length, columnStride)));
        return new ByteSpan(outer.Low + box.Low, outer.High + box.High - 1);
    }

    private void Move(byte* from, byte* to, int columnStart, int columnEnd)
    {
        var wholeRows = _row.Length & -Tile;
        var wholeColumns = columnStart + ((columnEnd - columnStart) & -Tile);
        for (var r = 0; r < wholeRows; r += Tile)
            for (var c = columnStart; c < wholeColumns; c += Tile)
                ByteSquare.Transpose(from + r + c * _column.From, _column.From, to + r * _row.To + c, _row.To, _flip);
        MoveBytes(from, to, 0, wholeRows, wholeColumns, columnEnd);
        MoveBytes(from, to, wholeRows, _row.Length, columnStart, columnEnd);
    }

    private void MoveBytes(byte* from, byte* to, int rowStart, int rowEnd, int columnStart, int columnEnd)
    {
        for (var r = rowStart; r < rowEnd; r++)
            for (var c = columnStart; c < columnEnd; c++)
                to[r * _row.To + c] = (byte)(from[r + c * _column.From] ^ (byte)_flip);
    }
}
