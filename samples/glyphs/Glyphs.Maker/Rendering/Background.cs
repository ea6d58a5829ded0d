using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>What is behind a character: a plain ground, a gradient, or a simple pattern.</summary>
internal static class Background
{
    /// <summary>Fills the tile.</summary>
    public static void Draw(SKCanvas canvas, Palette palette, SeededRandom random, int size)
    {
        canvas.Clear(palette.Back);
        using var paint = new SKPaint { Color = palette.SecondBack, IsAntialias = true };
        switch (random.Below(9))
        {
            case 0: break;
            case 1 or 2: Gradient(canvas, palette, random, size, paint); break;
            case 3: Glow(canvas, palette, random, size, paint); break;
            case 4: Stripes(canvas, random, size, paint); break;
            case 5: Checks(canvas, random, size, paint); break;
            case 6: Dots(canvas, random, size, paint); break;
            case 7: Discs(canvas, random, size, paint); break;
            default: Split(canvas, random, size, paint); break;
        }
    }

    private static void Gradient(SKCanvas canvas, Palette palette, SeededRandom random, int size, SKPaint paint)
    {
        var angle = random.Between(0, 2 * MathF.PI);
        var (x, y) = (MathF.Cos(angle) * size / 2, MathF.Sin(angle) * size / 2);
        var middle = size / 2f;
        paint.Shader = SKShader.CreateLinearGradient(
            new(middle - x, middle - y), new(middle + x, middle + y), [palette.Back, palette.SecondBack], SKShaderTileMode.Clamp);
        canvas.DrawPaint(paint);
    }

    private static void Glow(SKCanvas canvas, Palette palette, SeededRandom random, int size, SKPaint paint)
    {
        var centre = new SKPoint(random.Between(0, size), random.Between(0, size));
        paint.Shader = SKShader.CreateRadialGradient(
            centre, size * random.Between(0.6f, 1.1f), [palette.SecondBack, palette.Back], SKShaderTileMode.Clamp);
        canvas.DrawPaint(paint);
    }

    private static void Stripes(SKCanvas canvas, SeededRandom random, int size, SKPaint paint)
    {
        var period = random.Between(5, 13);
        canvas.Save();
        canvas.RotateDegrees(random.Below(4) * 45, size / 2f, size / 2f);
        for (var x = -size + random.Between(0, period); x < 2 * size; x += period)
            canvas.DrawRect(x, -size, period / 2, 3 * size, paint);
        canvas.Restore();
    }

    private static void Checks(SKCanvas canvas, SeededRandom random, int size, SKPaint paint)
    {
        var side = 4 + random.Below(7);
        var (startX, startY) = (random.Below(side), random.Below(side));
        for (var row = 0; row * side - startY < size; row++)
            for (var column = row % 2; column * side - startX < size; column += 2)
                canvas.DrawRect(column * side - startX, row * side - startY, side, side, paint);
    }

    private static void Dots(SKCanvas canvas, SeededRandom random, int size, SKPaint paint)
    {
        var spacing = 6 + random.Below(5);
        var radius = spacing * random.Between(0.18f, 0.34f);
        for (var row = 0; row * spacing < size + spacing; row++)
            for (var column = 0; column * spacing < size + spacing; column++)
                canvas.DrawCircle((column + row % 2 / 2f) * spacing, row * spacing, radius, paint);
    }

    private static void Discs(SKCanvas canvas, SeededRandom random, int size, SKPaint paint)
    {
        for (var i = 2 + random.Below(3); i > 0; i--)
            canvas.DrawCircle(random.Between(0, size), random.Between(0, size), random.Between(4, 12), paint);
    }

    private static void Split(SKCanvas canvas, SeededRandom random, int size, SKPaint paint)
    {
        canvas.Save();
        canvas.RotateDegrees(random.Between(0, 360), size / 2f, size / 2f);
        canvas.DrawRect(-size, size * random.Between(0.3f, 0.7f), 3 * size, 3 * size, paint);
        canvas.Restore();
    }
}
