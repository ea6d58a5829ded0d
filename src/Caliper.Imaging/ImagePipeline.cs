using Caliper.Data;
using Caliper.Graphs;

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
    /// <returns>Whether the file has levels above 255, which became 255.</returns>
    /// <exception cref="CaliperException">The file is no image, or comes out with another size.</exception>
    public bool Load(ImageFile file, ImageSize expected, Span<float> target)
    {
        Geometry geometry = default;
        using var image = ImageDecoder.Decode(file.Path, file.Name, size =>
        {
            geometry = Geometry.Of(preprocessing, size, file.Name);
            if (geometry.Size != expected) throw WrongSize(file, geometry.Size, expected);
        });
        Fill(image, geometry, target);
        return image.IsCutOff;
    }

    /// <summary>Decodes, resizes, crops and normalizes an image that is in memory.</summary>
    /// <param name="bytes">The image's file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>A batch of one: 1 × channels × height × width.</returns>
    /// <exception cref="CaliperException">It is no image, or comes out with another size than is expected.</exception>
    public Tensor Load(byte[] bytes, string name)
    {
        Geometry geometry = default;
        using var image = ImageDecoder.Decode(bytes, name, size =>
        {
            geometry = Geometry.Of(preprocessing, size, name);
            if (preprocessing.ExpectedSize is { } expected && geometry.Size != expected)
                throw WrongSize(new ImageFile(name, name, null), geometry.Size, expected);
        });
        var values = new float[ElementCountOf(geometry.Size)];
        Fill(image, geometry, values);
        return Tensor.Of(Shape.Of(1, Channels, geometry.Size.Height, geometry.Size.Width), values);
    }

    private void Fill(PixelBuffer image, Geometry geometry, Span<float> target)
    {
        if (geometry.Resized == image.Size)
        {
            Normalize(image, geometry.Left, geometry.Top, geometry.Size, target);
            return;
        }
        using var resized = BilinearResize.Resize(image, geometry);
        Normalize(resized, 0, 0, geometry.Size, target);
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
