using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>Bytes that lie side by side, from the beginning of a row.</summary>
/// <param name="From">Where they are read.</param>
/// <param name="To">Where they are written.</param>
/// <param name="Bytes">How many.</param>
internal readonly record struct CopiedColumn(int From, int To, int Bytes);

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

    // Fewer boxes are as fast one after the other.
    private const int ManyBoxes = 8;

    /// <summary>Where each byte of a column is read; null where that is one after the other.</summary>
    public ByteMap? Map { get; private init; }

    /// <summary>Of a box of many columns each of them, of all rows; what lies between them is left alone.</summary>
    public CopiedColumn[]? Columns { get; private init; }

    /// <summary>Bytes of a column where it is read, with what lies between.</summary>
    public int FromBytes => Map?.FromBytes ?? Columns?.Max(c => c.From + c.Bytes) ?? ColumnBytes;

    /// <summary>Whether what lies side by side where it is read does so where it is written.</summary>
    public bool IsSideBySide => Map is null && Columns is null && Walk.RunStrides.All(s => s == ColumnBytes);

    /// <summary>Plans a box.</summary>
    /// <param name="lengths">Its lengths.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    /// <param name="from">Where it is read, and at which strides.</param>
    /// <param name="to">Where it is written.</param>
    public static CopiedBox Of(int[] lengths, int elementSize, (Place Place, long[] Strides) from, (Place Place, long[] Strides) to)
    {
        var axes = StridedWalk.Joined(lengths, to.Strides, from.Strides);
        if (MappedBlock.Of(axes, elementSize) is { } block && Mapped(block, from.Place, to.Place) is { } mapped) return mapped;
        var isColumn = axes.Count > 1 && axes[0].Length <= LongestColumn && axes[0].Strides.All(s => s == elementSize);
        return new(StridedWalk.Over(axes[(isColumn ? 1 : 0)..]), from.Place, to.Place, isColumn ? axes[0].Length * elementSize : elementSize);
    }

    /// <summary>Plans several boxes as one whose columns are made of a column of each: channels of neighbouring pixels that become those of one. Null
    /// where they do not lie so, or where that is not fast.</summary>
    /// <param name="boxes">The boxes, of which axis 1 is that of the channels.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    public static CopiedBox? Together(
        IReadOnlyList<(int[] Lengths, (Place Place, long[] Strides) From, (Place Place, long[] Strides) To)> boxes, int elementSize)
    {
        var (lengths, from, to) = boxes[0];
        if (lengths.Length < 3 || boxes.Any(b => MappedBlock.IsLong(b.Lengths[1] * elementSize))) return null;
        if (boxes.Any(b => !Sizes(b.Lengths).SequenceEqual(Sizes(lengths)) || b.From.Place.Slot != from.Place.Slot
            || !b.From.Strides.AsSpan().SequenceEqual(from.Strides) || !b.To.Strides.AsSpan().SequenceEqual(to.Strides))) return null;
        var block = MappedBlock.Of(StridedWalk.Joined([.. Sizes(lengths)], to.Strides, from.Strides), elementSize, from.Strides[1],
            [.. boxes.OrderBy(b => b.To.Place.Offset).Select(b => (b.Lengths[1], b.From.Place.Offset, b.To.Place.Offset))]);
        return to.Strides[1] != elementSize || block is null ? null
            : Mapped(block, from.Place with { Offset = boxes.Min(b => b.From.Place.Offset) },
                to.Place with { Offset = boxes.Min(b => b.To.Place.Offset) });

        static IEnumerable<int> Sizes(int[] lengths) => lengths.Select((length, axis) => axis == 1 ? 1 : length);
    }

    /// <summary>Plans many boxes that are columns of the same rows, as some channels of all words are, as one. Null where they are not, or
    /// few.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    public static CopiedBox? OfColumns(
        IReadOnlyList<(int[] Lengths, (Place Place, long[] Strides) From, (Place Place, long[] Strides) To)> boxes, int elementSize)
    {
        var (lengths, from, to) = boxes[0];
        var column = Enumerable.Range(0, lengths.Length).FirstOrDefault(a => to.Strides[a] == elementSize && from.Strides[a] == elementSize, -1);
        if (boxes.Count < ManyBoxes || column < 0 || !boxes.All(AreOfTheSameRows)) return null;
        var (read, written) = (boxes.Min(b => b.From.Place.Offset), boxes.Min(b => b.To.Place.Offset));
        CopiedColumn[] columns = [.. boxes.Select(b => new CopiedColumn(checked((int)(b.From.Place.Offset - read)),
            checked((int)(b.To.Place.Offset - written)), b.Lengths[column] * elementSize))];
        var walk = StridedWalk.Of([.. lengths.Select((length, axis) => axis == column ? 1 : length)], to.Strides, from.Strides);
        var bytes = columns.Max(c => c.To + c.Bytes);
        return new(walk, from.Place with { Offset = read }, to.Place with { Offset = written }, bytes) { Columns = columns };

        bool AreOfTheSameRows((int[] Lengths, (Place Place, long[] Strides) From, (Place Place, long[] Strides) To) box)
        {
            for (var axis = 0; axis < lengths.Length; axis++) if (axis != column && box.Lengths[axis] != lengths[axis]) return false;
            return box.From.Place.Slot == from.Place.Slot && box.From.Strides.AsSpan().SequenceEqual(from.Strides)
                && box.To.Strides.AsSpan().SequenceEqual(to.Strides);
        }
    }

    private static CopiedBox? Mapped(MappedBlock block, Place from, Place to)
    {
        var walk = StridedWalk.Over(block.Rows);
        var map = new ByteMap(block.Places, walk.RunStrides[1], walk.RunStrides[0]);
        return map.IsFast ? new(walk, from, to, map.Bytes) { Map = map } : null;
    }
}
