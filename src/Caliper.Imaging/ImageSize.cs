using System.Globalization;

namespace Caliper.Imaging;

/// <summary>The width and height of an image, in pixels.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Number of rows.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>A square.</summary>
    public ImageSize(int side) : this(side, side) { }

    /// <summary>Reads <c>224</c> as a square and <c>320x240</c> as width and height.</summary>
    /// <exception cref="CaliperException">The text is neither, or a length is not positive.</exception>
    public static ImageSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('x', '×').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0).ToArray();
        return parts switch
        {
            [> 0 and var side] => new(side),
            [> 0 and var width, > 0 and var height] => new(width, height),
            _ => throw new CaliperException($"'{text}' is no image size; write a side, such as 224, or width and height, "
                + "such as 320x240."),
        };
    }

    /// <summary>Such as <c>320×240</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}×{Height}");
}
