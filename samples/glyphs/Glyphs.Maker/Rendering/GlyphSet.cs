namespace Glyphs.Rendering;

/// <summary>Images and their labels: the same number of each class, class after class.</summary>
internal sealed class GlyphSet
{
    private readonly byte[] _tiles;

    private GlyphSet(byte[] tiles, int imagesPerClass) => (_tiles, ImagesPerClass) = (tiles, imagesPerClass);

    /// <summary>Number of images of each class.</summary>
    public int ImagesPerClass { get; }

    /// <summary>Number of images.</summary>
    public int Count => ImagesPerClass * GlyphClasses.Count;

    /// <summary>The class of an image.</summary>
    public int Label(int index) => index / ImagesPerClass;

    /// <summary>The pixels of an image: 32 rows of 32 RGB pixels.</summary>
    public ReadOnlySpan<byte> Tile(int index) =>
        _tiles.AsSpan(index * GlyphRenderer.TileBytes, GlyphRenderer.TileBytes);

    /// <summary>Draws a set. Each image depends on seed, class and number only, so threads do not matter.</summary>
    public static GlyphSet Draw(FontSet fonts, ulong seed, int imagesPerClass, int threads)
    {
        var tiles = new byte[imagesPerClass * GlyphClasses.Count * GlyphRenderer.TileBytes];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, GlyphClasses.Count, options, label =>
        {
            using var renderer = new GlyphRenderer(fonts);
            for (var i = 0; i < imagesPerClass; i++)
            {
                var at = (label * imagesPerClass + i) * GlyphRenderer.TileBytes;
                renderer.Draw(label, SeededRandom.For(seed, label, i), tiles.AsSpan(at, GlyphRenderer.TileBytes));
            }
        });
        return new GlyphSet(tiles, imagesPerClass);
    }

    /// <summary>Wraps pixels that are already in memory.</summary>
    public static GlyphSet Of(byte[] tiles, int imagesPerClass) => new(tiles, imagesPerClass);
}
