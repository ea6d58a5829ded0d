using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>The outline of a character, centred on the origin, with the height of a capital letter as unit of length.</summary>
internal sealed class GlyphOutline
{
    private readonly (SKPathVerb Verb, SKPoint A, SKPoint B, SKPoint C)[] _segments;

    private GlyphOutline((SKPathVerb, SKPoint, SKPoint, SKPoint)[] segments) => _segments = segments;

    /// <summary>Height of a character's outline in pixels.</summary>
    public static float HeightOf(SKFont font, char character)
    {
        using var path = font.GetTextPath(character.ToString(), SKPoint.Empty);
        return path.TightBounds.Height;
    }

    /// <summary>Reads one character of a font.</summary>
    public static GlyphOutline From(SKFont font, char character, float capitalHeight)
    {
        using var path = font.GetTextPath(character.ToString(), SKPoint.Empty);
        var bounds = path.TightBounds;
        SKPoint Normalize(SKPoint p) => new((p.X - bounds.MidX) / capitalHeight, (p.Y - bounds.MidY) / capitalHeight);

        var segments = new List<(SKPathVerb, SKPoint, SKPoint, SKPoint)>();
        var points = new SKPoint[4];
        using var iterator = path.CreateRawIterator();
        for (var verb = iterator.Next(points); verb != SKPathVerb.Done; verb = iterator.Next(points))
        {
            // The first point of every verb but Move repeats where the pen already is.
            segments.Add(verb == SKPathVerb.Move
                ? (verb, Normalize(points[0]), default, default)
                : (verb, Normalize(points[1]), Normalize(points[2]), Normalize(points[3])));
        }
        return new GlyphOutline([.. segments]);
    }

    /// <summary>The outline with every point moved by <paramref name="map"/>; the caller disposes of it.</summary>
    public SKPath Draw(Func<SKPoint, SKPoint> map)
    {
        using var builder = new SKPathBuilder();
        foreach (var (verb, a, b, c) in _segments)
        {
            switch (verb)
            {
                case SKPathVerb.Move: builder.MoveTo(map(a)); break;
                case SKPathVerb.Line: builder.LineTo(map(a)); break;
                case SKPathVerb.Quad: builder.QuadTo(map(a), map(b)); break;
                case SKPathVerb.Cubic: builder.CubicTo(map(a), map(b), map(c)); break;
                case SKPathVerb.Close: builder.Close(); break;
                default: throw new NotSupportedException($"Font outlines hold no {verb} segments.");
            }
        }
        return builder.Detach();
    }
}
