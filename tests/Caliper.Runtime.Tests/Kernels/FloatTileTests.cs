using Caliper.Kernels.Bytes;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Tiles come from and go to where their strides say, and nothing beside them is touched.</summary>
public sealed unsafe class FloatTileTests
{
    private const byte Untouched = 0xEE;

    /// <summary>Rows and columns that lie side by side in one order or the other, with and without gaps, and few of either.</summary>
    private static readonly Gen<(int Rows, int Columns, int RowStride, int ColumnStride)> Shapes =
        from rows in Gen.OneOf(Gen.Int[1, 5], Gen.Int[1, 70])
        from columns in Gen.OneOf(Gen.Int[1, 5], Gen.Int[1, 70])
        from gap in Gen.Int[0, 2]
        from isAlongRows in Gen.Bool
        select isAlongRows ? (rows, columns, 1, rows + gap) : (rows, columns, columns + gap, 1);

    [Fact]
    public void Floats_are_loaded_and_stored_by_their_strides() => Shapes.Sample(s =>
    {
        var shape = new TileShape(s.Rows, s.Columns, s.RowStride * sizeof(float), s.ColumnStride * sizeof(float));
        var memory = new uint[(s.Rows - 1) * s.RowStride + (s.Columns - 1) * s.ColumnStride + 1];
        for (var i = 0; i < memory.Length; i++) memory[i] = (uint)(i + 1) * 0x9E37_79B9;
        uint[] tile = [.. Enumerable.Repeat(0xEEEE_EEEE, shape.Count + 4)], back = [.. Enumerable.Repeat(0xEEEE_EEEE, memory.Length)];
        fixed (uint* from = memory, to = tile, again = back)
        {
            FloatTile.LoadFloats((byte*)from, shape, (float*)to);
            FloatTile.StoreFloats((float*)to, (byte*)again, shape);
        }
        Assert.All(tile[shape.Count..], x => Assert.Equal(0xEEEE_EEEE, x));
        var isOfTile = new bool[memory.Length];
        for (var r = 0; r < s.Rows; r++)
        {
            for (var c = 0; c < s.Columns; c++)
            {
                var at = r * s.RowStride + c * s.ColumnStride;
                Assert.Equal(memory[at], tile[r * s.Columns + c]);
                isOfTile[at] = true;
            }
        }
        for (var i = 0; i < memory.Length; i++) Assert.Equal(isOfTile[i] ? memory[i] : 0xEEEE_EEEE, back[i]);
    });

    [Fact]
    public void Rows_of_any_length_are_copied_and_nothing_else() =>
        Gen.Select(Gen.Int[1, 12], Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 80]), Gen.Int[0, 3], Gen.Int[0, 3]).Sample((rows, columns, fromGap, toGap) =>
        {
            var (fromStride, toStride) = (columns + fromGap, columns + toGap);
            var from = new byte[rows * fromStride];
            for (var i = 0; i < from.Length; i++) from[i] = (byte)(i * 31 + 7);
            byte[] to = [.. Enumerable.Repeat(Untouched, rows * toStride)];
            fixed (byte* source = from, target = to) ByteRows.Copy(source, fromStride, target, toStride, rows, columns);
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < toStride; c++)
                    Assert.Equal(c < columns ? from[r * fromStride + c] : Untouched, to[r * toStride + c]);
        });
}
