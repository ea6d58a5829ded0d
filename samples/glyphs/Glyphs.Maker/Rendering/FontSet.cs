using Caliper;
using SkiaSharp;

namespace Glyphs.Rendering;

/// <summary>Outlines of every class in every font. The fonts are Debian packages; the sample holds none of their files.</summary>
internal sealed class FontSet
{
    /// <summary>The font files, by name; the order is part of what a seed means.</summary>
    private static readonly string[] Files =
    [
        "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono-Bold.ttf",
        "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSerif-Regular.ttf",
        "LiberationSerif-BoldItalic.ttf", "LiberationMono-Bold.ttf", "LiberationSansNarrow-Bold.ttf",
        "FreeSans.ttf", "FreeSerifBold.ttf", "FreeMonoBold.ttf", "Lato-Regular.ttf", "Lato-Black.ttf", "Lato-Italic.ttf",
        "RobotoSlab-Regular.otf", "RobotoSlab-Bold.otf", "ComicNeue-Regular.otf", "ComicNeue-Bold.otf",
        "Courier Prime Bold.otf", "Quicksand-Medium.ttf", "Quicksand-Bold.ttf",
        "JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf",
    ];

    private readonly GlyphOutline[][] _outlines;

    private FontSet(GlyphOutline[][] outlines) => _outlines = outlines;

    /// <summary>Number of fonts.</summary>
    public int Count => _outlines.Length;

    /// <summary>The outline of one class in one font.</summary>
    public GlyphOutline Outline(int font, int label) => _outlines[font][label];

    /// <summary>Loads the fonts from a folder and the folders in it.</summary>
    /// <exception cref="CaliperException">A font is missing or cannot be read.</exception>
    public static FontSet Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new CaliperException($"There is no font folder '{folder}'; name one with --fonts.");
        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .GroupBy(path => Path.GetFileName(path)!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Order(StringComparer.Ordinal).First(), StringComparer.Ordinal);
        return new FontSet([.. Files.Select(file => found.TryGetValue(file, out var path)
            ? Outlines(path)
            : throw new CaliperException(
                $"The font '{file}' is not under '{folder}'; samples/glyphs/README.md lists the Debian packages to install."))]);
    }

    private static GlyphOutline[] Outlines(string path)
    {
        using var typeface = SKTypeface.FromFile(path) ?? throw new CaliperException($"The font '{path}' cannot be read.");
        // Outlines are taken unhinted and large; the size on the tile comes later.
        using var font = new SKFont(typeface, 256) { Hinting = SKFontHinting.None, Subpixel = true, LinearMetrics = true };
        var capitalHeight = GlyphOutline.HeightOf(font, 'H');
        return [.. GlyphClasses.Characters.Select(character => GlyphOutline.From(font, character, capitalHeight))];
    }
}
