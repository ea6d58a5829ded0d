namespace Caliper.Imaging;

/// <summary>Where the pixels of the result come from: the size after the resize, and the window cut out of it.</summary>
/// <param name="Resized">Size of the whole image after the resize.</param>
/// <param name="Left">First column of the window.</param>
/// <param name="Top">First row of the window.</param>
/// <param name="Size">Size of the window: the result.</param>
internal readonly record struct Geometry(ImageSize Resized, int Left, int Top, ImageSize Size)
{
    /// <summary>More would be no photograph but an attempt to exhaust memory; Pillow warns at this number.</summary>
    public const long MaxPixels = 89_478_485;

    /// <summary>What preprocessing makes of an image of a size. Rounding is torchvision's: the long side is truncated, the
    /// offset of the crop rounded half to even.</summary>
    /// <exception cref="CaliperException">The image is too large, or smaller than the crop.</exception>
    public static Geometry Of(Preprocessing preprocessing, ImageSize source, string place)
    {
        var resized = preprocessing.ShortSide is { } side ? WithShortSide(source, side, place) : preprocessing.ResizeTo ?? source;
        foreach (var size in new[] { source, resized })
        {
            if ((long)size.Width * size.Height > MaxPixels)
                throw new CaliperException($"'{place}' has {size} pixels, more than the {MaxPixels} that are read.");
        }
        var window = preprocessing.Crop ?? resized;
        if (window.Width > resized.Width || window.Height > resized.Height)
            throw new CaliperException($"'{place}' is {resized}{(resized == source ? "" : " after the resize")}, "
                + $"too small for a crop of {window}; resize it first.");
        return new(resized, Offset(resized.Width, window.Width), Offset(resized.Height, window.Height), window);
    }

    private static ImageSize WithShortSide(ImageSize source, int side, string place)
    {
        var (shorter, longer) = (Math.Min(source.Width, source.Height), Math.Max(source.Width, source.Height));
        var scaled = (long)side * longer / shorter;
        if (scaled > MaxPixels)
            throw new CaliperException($"'{place}' is {source}: with a short side of {side} it would be too long.");
        return source.Width <= source.Height ? new(side, (int)scaled) : new((int)scaled, side);
    }

    private static int Offset(int whole, int window) => (int)Math.Round((whole - window) / 2.0, MidpointRounding.ToEven);
}
