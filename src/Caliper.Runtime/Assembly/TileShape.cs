namespace Caliper.Assembly;

/// <summary>The 64 bytes that say what shape each of the eight tiles has.</summary>
internal static class TileShape
{
    private const byte Palette = 1;

    /// <summary>All tiles with rows of 64 bytes: some with 16 rows, which hold weights, the others with as many as there are pixels.</summary>
    /// <param name="rows">Rows of each tile, by its number.</param>
    public static byte[] Of(ReadOnlySpan<int> rows)
    {
        var shape = new byte[64];
        shape[0] = Palette;
        for (var tile = 0; tile < rows.Length; tile++)
        {
            shape[16 + 2 * tile] = CodeWriter.TileRowBytes;
            shape[48 + tile] = (byte)rows[tile];
        }
        return shape;
    }
}
