using Caliper;
using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>A set as one picture that a person can look at: a row for each class, a tile for each image, no gaps.</summary>
internal static class ContactSheet
{
    /// <summary>Writes a set as PNG.</summary>
    public static unsafe void Save(GlyphSet set, string path)
    {
        const int size = GlyphRenderer.TileSize;
        using var bitmap = new SKBitmap(new SKImageInfo(
            set.ImagesPerClass * size, GlyphClasses.Count * size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = new Span<byte>((void*)bitmap.GetPixels(), bitmap.ByteCount);
        pixels.Fill(255);
        for (var i = 0; i < set.Count; i++)
        {
            var tile = set.Tile(i);
            var (row, column) = (set.Label(i), i % set.ImagesPerClass);
            for (var p = 0; p < size * size; p++)
            {
                var at = (row * size + p / size) * bitmap.RowBytes + (column * size + p % size) * 4;
                tile.Slice(p * 3, 3).CopyTo(pixels[at..]);
            }
        }
        using var map = bitmap.PeekPixels()!;
        using var data = map.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 9))!;
        var temporary = path + ".tmp";
        using (var stream = File.Create(temporary)) data.SaveTo(stream);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a sheet back.</summary>
    /// <exception cref="CaliperException">The file is missing, no picture, or not of a sheet's size.</exception>
    public static GlyphSet Load(string path)
    {
        const int size = GlyphRenderer.TileSize;
        if (!File.Exists(path)) throw new CaliperException($"The sheet '{path}' does not exist; run 'generate' first.");
        using var codec = SKCodec.Create(path);
        var info = codec?.Info ?? throw new CaliperException($"The sheet '{path}' is not a picture.");
        if (info.Height != GlyphClasses.Count * size || info.Width % size != 0 || info.Width > 1000 * size)
            throw new CaliperException(
                $"The sheet '{path}' is {info.Width}×{info.Height}; not {GlyphClasses.Count} rows of {size}×{size} tiles.");
        using var bitmap = SKBitmap.Decode(codec, info.WithColorType(SKColorType.Rgba8888))
            ?? throw new CaliperException($"The sheet '{path}' is damaged.");
        var columns = bitmap.Width / size;
        var tiles = new byte[columns * GlyphClasses.Count * GlyphRenderer.TileBytes];
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < columns * GlyphClasses.Count; i++)
        {
            for (var p = 0; p < size * size; p++)
            {
                var at = (i / columns * size + p / size) * bitmap.RowBytes + (i % columns * size + p % size) * 4;
                pixels.Slice(at, 3).CopyTo(tiles.AsSpan(i * GlyphRenderer.TileBytes + p * 3));
            }
        }
        return GlyphSet.Of(tiles, columns);
    }
}
