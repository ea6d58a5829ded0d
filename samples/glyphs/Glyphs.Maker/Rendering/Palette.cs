using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>The colours of a tile: two near ones behind, two near ones in front, and contrast between the pairs.</summary>
internal sealed record Palette(SKColor Back, SKColor SecondBack, SKColor Front, SKColor SecondFront)
{
    private const float LeastContrast = 0.3f;

    /// <summary>Draws a palette.</summary>
    public static Palette From(SeededRandom random)
    {
        while (true)
        {
            var backHue = random.Between(0, 360);
            // Near, complementary or triadic hues: the pairs that look chosen.
            var frontHue = backHue + (random.Below(4) switch { 0 => 0, 1 => 180, 2 => 120, _ => -120 }) + random.Between(-25, 25);
            var (light, dark) = (random.Between(0.6f, 0.97f), random.Between(0.18f, 0.62f));
            var (back, front) = random.Chance(0.5f) ? (light, dark) : (dark, light);
            var (backChroma, frontChroma) = (random.Between(0.02f, 0.14f), random.Between(0.04f, 0.2f));
            if (MathF.Abs(back - front) < LeastContrast) continue;
            var sign = back > front ? 1 : -1;
            return new Palette(
                FromOklch(back, backChroma, backHue),
                FromOklch(back + random.Between(-0.08f, 0.1f) * sign, backChroma, backHue + random.Between(-45, 45)),
                FromOklch(front, frontChroma, frontHue),
                FromOklch(front - random.Between(-0.06f, 0.12f) * sign, frontChroma, frontHue + random.Between(-40, 40)));
        }
    }

    /// <summary>
    /// OKLCH to sRGB (Ottosson 2020). Equal steps look equal there, so that no hue crowds out the others, as green does in
    /// HSL. Colours that a screen cannot show are clipped.
    /// </summary>
    private static SKColor FromOklch(float lightness, float chroma, float hueDegrees)
    {
        var hue = hueDegrees * MathF.PI / 180;
        var (a, b) = (chroma * MathF.Cos(hue), chroma * MathF.Sin(hue));
        var l = Cube(lightness + 0.3963377774f * a + 0.2158037573f * b);
        var m = Cube(lightness - 0.1055613458f * a - 0.0638541728f * b);
        var s = Cube(lightness - 0.0894841775f * a - 1.2914855480f * b);
        return new SKColor(
            Companded(4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s),
            Companded(-1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s),
            Companded(-0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s));
    }

    private static float Cube(float x) => x * x * x;

    private static byte Companded(float linear)
    {
        var x = Math.Clamp(linear, 0, 1);
        return (byte)MathF.Round(255 * (x <= 0.0031308f ? 12.92f * x : 1.055f * MathF.Pow(x, 1 / 2.4f) - 0.055f));
    }
}
