namespace Caliper.Engine.Values;

/// <summary>
/// A walk over bytes of several tensors in rows of columns: channels of a pixel that lie side by side in all of them, but not next to the following
/// pixel's. They fill no vectors by themselves, and are brought together first. A box that has nothing of the kind is columns of one byte.
/// </summary>
/// <param name="Rows">Where the columns lie.</param>
/// <param name="Bytes">Bytes of a column.</param>
internal sealed record ColumnWalk(StridedWalk Rows, int Bytes)
{
    /// <summary>Bytes that are brought together at a time.</summary>
    public const int Piece = 1024;

    // A column of whole vectors needs no help; of a long one what is left over is little.
    private const int Vector = 64, Longest = 256;

    /// <summary>Plans a walk.</summary>
    /// <inheritdoc cref="StridedWalk.Of"/>
    public static ColumnWalk Of(int[] lengths, params long[][] strides)
    {
        var axes = StridedWalk.Joined(lengths, strides);
        var (length, own) = axes[0];
        return axes.Count > 1 && length is > 1 and < Longest && length % Vector != 0 && own.All(s => s == 1)
            ? new(StridedWalk.Over(axes[1..]), length) : new(StridedWalk.Of(lengths, strides), 1);
    }

    /// <summary>Columns that are brought together at a time.</summary>
    public int Together => Piece / Bytes;

    /// <summary>What the walk touches of a tensor, from the first element of the box.</summary>
    public ByteSpan Span(int tensor) => Rows.Span(tensor, Bytes);

    /// <summary>Bytes of columns that were brought together, filled up to whole vectors.</summary>
    public int Filled(int columns) => Sizes.CeilDiv(columns * Bytes, Vector) * Vector;
}
