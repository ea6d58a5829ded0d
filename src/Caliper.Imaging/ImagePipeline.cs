using Caliper.Data;

namespace Caliper.Imaging;

/// <summary>From image files to a network's input, for one choice of preprocessing. Safe to use from several threads.</summary>
internal sealed class ImagePipeline(Preprocessing preprocessing)
{
    private const int Channels = 3;

    private readonly PixelNormalization _normalization = preprocessing.ToNormalization();

    /// <summary>Floats that an image of a size becomes.</summary>
    public static long ElementCountOf(ImageSize size) => (long)Channels * size.Width * size.Height;

    /// <summary>The size that an image will have.</summary>
    public ImageSize SizeOf(ImageFile file) =>
        Geometry.Of(preprocessing, ImageDecoder.ReadSize(file.Path, file.Name), file.Name).Size;

    /// <summary>Decodes, resizes, crops and normalizes an image.</summary>
    /// <param name="file">The image.</param>
    /// <param name="expected">The size it must come out with.</param>
    /// <param name="target">Receives it, channels × height × width.</param>
    /// <exception cref="CaliperException">The file is no image, or comes out with another size.</exception>
    public void Load(ImageFile file, ImageSize expected, Span<float> target)
    {
        Geometry geometry = default;
        using var image = ImageDecoder.Decode(file.Path, file.Name, size =>
        {
            geometry = Geometry.Of(preprocessing, size, file.Name);
            if (geometry.Size != expected) throw WrongSize(file, geometry.Size, expected);
        });
        if (geometry.Resized == image.Size)
        {
            Normalize(image, geometry.Left, geometry.Top, expected, target);
            return;
        }
        using var resized = BilinearResize.Resize(image, geometry);
        Normalize(resized, 0, 0, expected, target);
    }

    private CaliperException WrongSize(ImageFile file, ImageSize actual, ImageSize expected) => new(
        $"'{file.Name}' is {actual}, and {(preprocessing.ExpectedSize is null ? "the first image" : "the network's input")} is "
        + $"{expected}; give a size to resize to or to crop.");

    /// <summary>Spreads the channels of a window over planes, looking each level up.</summary>
    private void Normalize(PixelBuffer image, int left, int top, ImageSize size, Span<float> target)
    {
        var plane = size.Width * size.Height;
        for (var channel = 0; channel < Channels; channel++)
        {
            var table = _normalization[channel];
            var offset = preprocessing.Channels is ChannelOrder.Rgb ? channel : Channels - 1 - channel;
            for (var y = 0; y < size.Height; y++)
            {
                var row = image.Row(top + y).Slice(left * PixelBuffer.BytesPerPixel, size.Width * PixelBuffer.BytesPerPixel);
                var values = target.Slice(channel * plane + y * size.Width, size.Width);
                for (var x = 0; x < values.Length; x++) values[x] = table[row[x * PixelBuffer.BytesPerPixel + offset]];
            }
        }
    }
}
