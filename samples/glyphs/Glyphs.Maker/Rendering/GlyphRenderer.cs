using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>Draws one character in a random font, colour, distortion and on a random background.</summary>
internal sealed class GlyphRenderer : IDisposable
{
    /// <summary>Width and height of a tile in pixels.</summary>
    public const int TileSize = 32;

    /// <summary>Bytes of a tile: rows of RGB pixels.</summary>
    public const int TileBytes = TileSize * TileSize * 3;

    private readonly FontSet _fonts;
    private readonly SKBitmap _bitmap = new(new SKImageInfo(TileSize, TileSize, SKColorType.Rgba8888, SKAlphaType.Opaque));
    private readonly SKCanvas _canvas;

    /// <summary>Creates a renderer; each thread needs its own.</summary>
    public GlyphRenderer(FontSet fonts)
    {
        _fonts = fonts;
        _canvas = new SKCanvas(_bitmap);
    }

    /// <summary>Draws a tile of the given class; what it looks like is decided by <paramref name="random"/> alone.</summary>
    /// <param name="label">Index into <see cref="GlyphClasses.Characters"/>.</param>
    /// <param name="random">Decides everything else.</param>
    /// <param name="tile">Receives <see cref="TileBytes"/> bytes: rows of RGB pixels.</param>
    public void Draw(int label, SeededRandom random, Span<byte> tile)
    {
        var palette = Palette.From(random);
        Background.Draw(_canvas, palette, random, TileSize);
        var outline = _fonts.Outline(random.Below(_fonts.Count), label);
        using var path = outline.Draw(new Distortion(random, TileSize).Map);
        Foreground.Draw(_canvas, path, palette, random);
        Clutter(palette, random);
        CopyOut(random.Chance(0.25f) ? random.Between(0.25f, 0.6f) : 0, tile);
    }

    /// <summary>A scratch across the tile, thin enough to leave the character readable.</summary>
    private void Clutter(Palette palette, SeededRandom random)
    {
        if (!random.Chance(0.3f)) return;
        using var paint = new SKPaint
        {
            Color = (random.Chance(0.5f) ? palette.Front : palette.SecondBack).WithAlpha((byte)random.Between(120, 220)),
            IsStroke = true,
            StrokeWidth = random.Between(0.6f, 1.3f),
            IsAntialias = true,
        };
        var angle = random.Between(0, 2 * MathF.PI);
        var (x, y) = (random.Between(4, TileSize - 4), random.Between(4, TileSize - 4));
        var (dx, dy) = (MathF.Cos(angle) * 2 * TileSize, MathF.Sin(angle) * 2 * TileSize);
        _canvas.DrawLine(x - dx, y - dy, x + dx, y + dy, paint);
    }

    /// <summary>Copies the pixels, softened, with 6 bits a channel: invisible, and it makes the files a third smaller.</summary>
    private unsafe void CopyOut(float softness, Span<byte> tile)
    {
        _canvas.Flush();
        var pixels = new ReadOnlySpan<byte>((void*)_bitmap.GetPixels(), TileSize * TileSize * 4);
        for (var y = 0; y < TileSize; y++)
        {
            for (var x = 0; x < TileSize; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var value = softness > 0 ? Soften(pixels, x, y, channel, softness) : pixels[(y * TileSize + x) * 4 + channel];
                    var sixBits = Math.Min(63, (value + 2) >> 2);
                    tile[(y * TileSize + x) * 3 + channel] = (byte)((sixBits << 2) | (sixBits >> 4));
                }
            }
        }
    }

    /// <summary>Mixes a pixel with the mean of its four neighbours.</summary>
    private static int Soften(ReadOnlySpan<byte> pixels, int x, int y, int channel, float amount)
    {
        var (left, right) = (Math.Max(x - 1, 0), Math.Min(x + 1, TileSize - 1));
        var (above, below) = (Math.Max(y - 1, 0), Math.Min(y + 1, TileSize - 1));
        var around = pixels[(y * TileSize + left) * 4 + channel] + pixels[(y * TileSize + right) * 4 + channel]
            + pixels[(above * TileSize + x) * 4 + channel] + pixels[(below * TileSize + x) * 4 + channel];
        return (int)MathF.Round((1 - amount) * pixels[(y * TileSize + x) * 4 + channel] + amount * around / 4);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _canvas.Dispose();
        _bitmap.Dispose();
    }
}
