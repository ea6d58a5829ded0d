using System.Globalization;

namespace Caliper.Imaging.Tests;

public sealed class PreprocessingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private float[] Pixel(Preprocessing preprocessing, byte level) =>
        Images.Levels(_folder.Put("x.png", Images.Plain(1, 1, level, level, level)), preprocessing);

    [Fact]
    public void Every_level_is_what_torchvision_computes()
    {
        var (mean, std) = (Preprocessing.Cifar10.Mean, Preprocessing.Cifar10.Std);
        for (var level = 0; level < 256; level++)
        {
            // ToTensor divides by 255 in 32-bit float, Normalize subtracts and divides; each step rounds.
            var scaled = (float)level / 255f;
            Assert.Equal([(scaled - mean[0]) / std[0], (scaled - mean[1]) / std[1], (scaled - mean[2]) / std[2]],
                Pixel(Preprocessing.Cifar10, (byte)level));
        }
    }

    [Fact]
    public void Presets_are_what_their_networks_were_trained_with()
    {
        Assert.Equal([(0 - 127) / 128f, (0 - 127) / 128f], Pixel(Preprocessing.UltraFace with { ResizeTo = null }, 0)[..2]);
        Assert.Equal([255 - 104, 255 - 117, 255 - 123], Pixel(Preprocessing.Caffe, 255));
        Assert.Equal([1f, 1f, 1f], Pixel(new(), 255));
        Assert.Equal((256, new ImageSize(224)), (Preprocessing.Imagenet.ShortSide, Preprocessing.Imagenet.Crop));
        Assert.Equal(new ImageSize(227), Preprocessing.SqueezeNet1_0.Crop);
        Assert.Equal(new ImageSize(320, 240), Preprocessing.UltraFace.ResizeTo);
        Assert.Same(Preprocessing.Imagenet, Preprocessing.Preset("imagenet"));
        Assert.All(Preprocessing.Presets.Values, preset => preset.ToNormalization());
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_those_there_are() =>
        Assert.Contains("'resnet'; there are caffe, cifar10, imagenet, squeezenet1_0, ultraface",
            Assert.Throws<CaliperException>(() => Preprocessing.Preset("resnet")).Message);

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Contains("not both", Refused(new() { ShortSide = 256, ResizeTo = new(4) }));
        Assert.Contains("short side", Refused(new() { ShortSide = 0 }));
        Assert.Contains("0×4", Refused(new() { Crop = new(0, 4) }));
        Assert.Contains("scale", Refused(new() { Scale = double.PositiveInfinity }));
        Assert.Contains("1 value or 3", Refused(new() { Mean = [1, 2] }));
        Assert.Contains("std", Refused(new() { Std = [1, 0, 1] }));
        Assert.Contains("finite", Refused(new() { Std = [float.NaN] }));

        static string Refused(Preprocessing preprocessing) =>
            Assert.Throws<CaliperException>(() => preprocessing.ToNormalization()).Message;
    }

    [Fact]
    public void It_describes_itself_with_decimal_points_everywhere()
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal("short side 256, crop 224×224, RGB, (pixel · 0.00392 − [0.485 0.456 0.406]) / [0.229 0.224 0.225]",
                Preprocessing.Imagenet.ToString());
            Assert.Equal("resize 320×240, RGB, (pixel · 1 − 127) / 128", Preprocessing.UltraFace.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_size_is_a_side_or_width_and_height()
    {
        Assert.Equal(new ImageSize(224, 224), ImageSize.Parse("224"));
        Assert.Equal(new ImageSize(320, 240), ImageSize.Parse("320x240"));
        Assert.Equal(new ImageSize(320, 240), ImageSize.Parse(new ImageSize(320, 240).ToString()));
        foreach (var bad in new[] { "", "0", "-4", "4x", "4x5x6", "2.5", "99999999999" })
            Assert.Contains($"'{bad}'", Assert.Throws<CaliperException>(() => ImageSize.Parse(bad)).Message);
    }
}
