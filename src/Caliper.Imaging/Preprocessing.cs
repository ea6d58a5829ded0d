using System.Collections.Immutable;
using System.Globalization;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Imaging;

/// <summary>
/// How an image becomes a network's input: resize, crop out of the centre, then <c>x = (pixel · scale − mean) / std</c> for
/// each channel, as Float32 in the layout channels × height × width. It must be what the network was trained with. The
/// defaults are torchvision's <c>ToTensor</c> alone.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>Presets by name; see the properties of the same names.</summary>
    public static ImmutableSortedDictionary<string, Preprocessing> Presets { get; } = new Dictionary<string, Preprocessing>
    {
        ["imagenet"] = new()
        {
            ShortSide = 256,
            Crop = new(224),
            Mean = [0.485f, 0.456f, 0.406f],
            Std = [0.229f, 0.224f, 0.225f],
        },
        ["cifar10"] = new() { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] },
        ["caffe"] = new() { Scale = 1, Mean = [104, 117, 123], Channels = ChannelOrder.Bgr },
        ["squeezenet1_0"] = new()
        {
            ShortSide = 256,
            Crop = new(227),
            Scale = 1,
            Mean = [104, 117, 123],
            Channels = ChannelOrder.Bgr,
        },
        ["ultraface"] = new() { ResizeTo = new(320, 240), Scale = 1, Mean = [127], Std = [128] },
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>torchvision's evaluation transform for ImageNet: short side 256, crop 224×224, 1/255, and the mean and
    /// standard deviation of ImageNet.</summary>
    public static Preprocessing Imagenet => Presets["imagenet"];

    /// <summary>The usual CIFAR-10 ResNets: images as they are, 1/255, and ImageNet's mean and standard deviation.</summary>
    public static Preprocessing Cifar10 => Presets["cifar10"];

    /// <summary>Caffe's model zoo: levels 0 to 255 in the order BGR, less 104, 117, 123; no resize, no crop.</summary>
    public static Preprocessing Caffe => Presets["caffe"];

    /// <summary>SqueezeNet 1.0 of the ONNX model zoo: Caffe's colours, short side 256, crop 227×227.</summary>
    public static Preprocessing SqueezeNet1_0 => Presets["squeezenet1_0"];

    /// <summary>Ultra-Light-Fast face detector RFB-320: 320×240, RGB, <c>(x − 127) / 128</c>.</summary>
    public static Preprocessing UltraFace => Presets["ultraface"];

    /// <summary>Resize so that the shorter side has this many pixels and the proportions stay (torchvision's
    /// <c>Resize(int)</c>); null for no such resize.</summary>
    public int? ShortSide { get; init; }

    /// <summary>Resize to exactly this, whatever the proportions (torchvision's <c>Resize((h, w))</c>); null for no such
    /// resize. Excludes <see cref="ShortSide"/>.</summary>
    public ImageSize? ResizeTo { get; init; }

    /// <summary>Cut this out of the centre, after the resize (torchvision's <c>CenterCrop</c>); null for no crop.</summary>
    public ImageSize? Crop { get; init; }

    /// <summary>The size every image must come out with, which catches data that does not fit the network; null for
    /// that of the first image.</summary>
    public ImageSize? ExpectedSize { get; init; }

    /// <summary>What a pixel level, 0 to 255, is multiplied by.</summary>
    public double Scale { get; init; } = 1.0 / 255;

    /// <summary>What is then subtracted: one value a channel in the order of <see cref="Channels"/>, or one for all.</summary>
    public ImmutableArray<float> Mean { get; init; } = [0f];

    /// <summary>What the difference is then divided by: one value a channel in the order of <see cref="Channels"/>, or one
    /// for all.</summary>
    public ImmutableArray<float> Std { get; init; } = [1f];

    /// <summary>Order of the channels, in the input and in <see cref="Mean"/> and <see cref="Std"/>.</summary>
    public ChannelOrder Channels { get; init; } = ChannelOrder.Rgb;

    /// <summary>The preset of a name.</summary>
    /// <exception cref="CaliperException">There is none.</exception>
    public static Preprocessing Preset(string name) => Presets.TryGetValue(name, out var preset) ? preset
        : throw new CaliperException($"There is no preprocessing preset '{name}'; there are {string.Join(", ", Presets.Keys)}."
            + Suggestion.For(name, Presets.Keys));

    /// <summary>Makes a network's input of one image that is in memory, such as what was uploaded: the numbers that an
    /// <see cref="ImageFolder"/> makes of the same file.</summary>
    /// <param name="image">A PNG, JPEG, WebP, BMP or GIF.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>Float32, 1 × 3 × height × width.</returns>
    /// <exception cref="CaliperException">It is no image, damaged, too large or too small.</exception>
    public Tensor Apply(ReadOnlySpan<byte> image, string name = "the image") => new ImagePipeline(this).Load(image.ToArray(), name);

    /// <summary>One line that says what is done, such as
    /// <c>short side 256, crop 224×224, RGB, (pixel · 0.00392 − [0.485 0.456 0.406]) / [0.229 0.224 0.225]</c>.</summary>
    public override string ToString()
    {
        var resize = ShortSide is { } side ? $"short side {side}, " : ResizeTo is { } size ? $"resize {size}, " : "";
        var crop = Crop is { } window ? $"crop {window}, " : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{resize}{crop}{(Channels is ChannelOrder.Rgb ? "RGB" : "BGR")}, (pixel · {Scale:G3} − {List(Mean)}) / {List(Std)}");
    }

    /// <summary>Checks the options and computes what all images share.</summary>
    internal PixelNormalization ToNormalization()
    {
        if (ShortSide is not null && ResizeTo is not null)
            throw new CaliperException("Resize either to a short side or to a width and height, not both.");
        if (ShortSide < 1) throw new CaliperException($"The short side must be 1 pixel or more, not {ShortSide}.");
        foreach (var size in new[] { ResizeTo, Crop, ExpectedSize })
        {
            if (size is { } s && (s.Width < 1 || s.Height < 1)) throw new CaliperException($"An image cannot have the size {s}.");
        }
        return new PixelNormalization(Scale, Mean, Std, channels: 3);
    }

    private static string List(ImmutableArray<float> values) => values.Length == 1
        ? values[0].ToString(CultureInfo.InvariantCulture)
        : $"[{string.Join(' ', values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";
}
