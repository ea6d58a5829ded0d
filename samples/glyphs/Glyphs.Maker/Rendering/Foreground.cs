using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>How a character is inked: plain, with a gradient, with a shadow, with a rim, or hollow.</summary>
internal static class Foreground
{
    /// <summary>Draws the outline.</summary>
    public static void Draw(SKCanvas canvas, SKPath path, Palette palette, SeededRandom random)
    {
        using var paint = new SKPaint { Color = palette.Front, IsAntialias = true, StrokeJoin = SKStrokeJoin.Round };
        switch (random.Below(10))
        {
            case 0 or 1: Shadow(canvas, path, random); break;
            case 2: Rim(canvas, path, palette, random); break;
            case 3: Hollow(canvas, path, paint, random); return;
            case 4 or 5: Gradient(path, palette, paint); break;
            default: break;
        }
        canvas.DrawPath(path, paint);
        // The thinnest strokes of the lightest fonts would vanish at this size.
        paint.IsStroke = true;
        paint.StrokeWidth = random.Between(0.25f, 0.7f);
        canvas.DrawPath(path, paint);
    }

    private static void Shadow(SKCanvas canvas, SKPath path, SeededRandom random)
    {
        using var paint = new SKPaint { Color = SKColors.Black.WithAlpha((byte)random.Between(60, 130)), IsAntialias = true };
        canvas.Save();
        canvas.Translate(random.Between(0.8f, 1.8f), random.Between(0.8f, 1.8f));
        canvas.DrawPath(path, paint);
        canvas.Restore();
    }

    private static void Rim(SKCanvas canvas, SKPath path, Palette palette, SeededRandom random)
    {
        using var paint = new SKPaint
        {
            Color = palette.Back,
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = random.Between(2.5f, 4),
            StrokeJoin = SKStrokeJoin.Round,
        };
        canvas.DrawPath(path, paint);
    }

    private static void Hollow(SKCanvas canvas, SKPath path, SKPaint paint, SeededRandom random)
    {
        paint.IsStroke = true;
        paint.StrokeWidth = random.Between(0.9f, 1.3f);
        canvas.DrawPath(path, paint);
    }

    private static void Gradient(SKPath path, Palette palette, SKPaint paint)
    {
        var bounds = path.Bounds;
        paint.Shader = SKShader.CreateLinearGradient(
            new(bounds.Left, bounds.Top), new(bounds.Right, bounds.Bottom), [palette.Front, palette.SecondFront],
            SKShaderTileMode.Clamp);
    }
}
