using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Imaging;
using Caliper.Testing;
using Caliper.Torch;

namespace Caliper.Conformance.Calibration;

/// <summary>What the doctor says about real networks and real pictures, rightly and wrongly preprocessed.</summary>
public class DataDoctorTests(ITestOutputHelper output)
{
    private static readonly ImmutableArray<string> AboutInput = ["input-normalization", "channel-order", "input-ignored", "raw-levels"];

    public static TheoryData<string, string, string> WrongForResNet20 => new()
    {
        { "raw", "input-normalization", "(pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225] would fit." },
        { "unit", "input-normalization", "(pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225] would fit." },
        { "ultraface", "input-normalization", "(pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225] would fit." },
        { "no mean", "input-normalization", "(pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225] would fit." },
        { "caffe", "input-normalization", "(pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225] with the channels in reverse order would fit." },
        { "cifar10 bgr", "channel-order", "RGB or BGR." },
    };

    public static TheoryData<string, string, string> WrongForUltraFace => new()
    {
        { "raw", "input-normalization", "(pixel - 127.5) / 127.5 would fit." },
        { "unit", "input-normalization", "(pixel - 127.5) / 127.5 would fit." },
        { "cifar10", "input-normalization", "(pixel - 127.5) / 127.5 would fit." },
        { "ultraface bgr", "channel-order", "RGB or BGR." },
    };

    [Fact]
    public void ResNet20_with_its_own_preprocessing_is_healthy()
    {
        using var model = ResNet20();
        Assert.DoesNotContain(Examine(model, Cifar, "cifar10"), d => d.Code != "dead-channels");
    }

    [Theory, MemberData(nameof(WrongForResNet20))]
    public void Wrong_preprocessing_of_ResNet20_is_found(string preprocessing, string code, string advice)
    {
        using var model = ResNet20();
        AssertFound(Examine(model, Cifar, preprocessing), code, advice);
    }

    [Fact]
    public void UltraFace_with_its_own_preprocessing_is_healthy_but_for_16_pictures_being_few()
    {
        using var model = UltraFace();
        Assert.DoesNotContain(Examine(model, SharedFolder.Path("data", "faces"), "ultraface", new(320, 240)),
            d => d.Code is not ("dead-channels" or "few-samples"));
    }

    [Fact]
    public void Pictures_of_another_kind_are_no_wrong_preprocessing()
    {
        using var model = UltraFace();
        Assert.DoesNotContain(Examine(model, SharedFolder.Path("data", "imagenet-sample"), "ultraface", new(320, 240), limit: 16),
            d => AboutInput.Contains(d.Code));
    }

    [Theory, MemberData(nameof(WrongForUltraFace))]
    public void Wrong_preprocessing_of_UltraFace_is_found(string preprocessing, string code, string advice)
    {
        using var model = UltraFace();
        AssertFound(Examine(model, SharedFolder.Path("data", "faces"), preprocessing, new(320, 240)), code, advice);
    }

    /// <summary>Its batch norms were folded before it was exported: what remains shows gross errors only.</summary>
    [Theory]
    [InlineData("cifar10", null)]
    [InlineData("raw", "raw-levels")]
    [InlineData("unit", "input-ignored")]
    public void Of_a_network_exported_without_batch_norms_gross_errors_show(string preprocessing, string? code)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"));
        var found = Examine(model, Cifar, preprocessing).Select(d => d.Code).Where(c => AboutInput.Contains(c));
        Assert.Equal(code is null ? [] : [code], found);
    }

    [Theory]
    [InlineData("caffe", null)]
    [InlineData("raw", "raw-levels")]
    [InlineData("unit", "input-ignored")]
    public void Of_SqueezeNet_that_never_had_batch_norms_gross_errors_show(string preprocessing, string? code)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "squeezenet1_0.onnx"));
        var found = Examine(model, SharedFolder.Path("data", "imagenet-sample"), preprocessing, new(227, 227), limit: 16)
            .Select(d => d.Code).Where(c => c is not ("dead-channels" or "few-samples"));
        Assert.Equal(code is null ? [] : [code], found);
    }

    [Fact]
    public void Three_hundred_photographs_and_a_thousand_thumbnails_have_no_double_but_their_copies_have()
    {
        using var model = Nothing();
        var photographs = DataSource.Open(SharedFolder.Path("data", "imagenet-sample"), new() { ResizeTo = new(32, 32) }, 32);
        var thumbnails = DataSource.Open(Cifar, new(), 32);
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        foreach (var batch in photographs.Concat(thumbnails)) calibrator.Observe(batch);
        Assert.DoesNotContain(DataDoctor.Examine(fused, calibrator.Statistics), d => d.Code is "duplicate-samples" or "similar-samples");

        var first = thumbnails.First();
        calibrator.Observe(first with { SampleNames = [.. first.SampleNames.Select(n => "copy of " + n)] });
        var found = Assert.Single(DataDoctor.Examine(fused, calibrator.Statistics), d => d.Code == "duplicate-samples");
        output.WriteLine(found.ToString());
        Assert.StartsWith("32 of 1,356 samples are copies of others", found.Message, StringComparison.Ordinal);
    }

    private static string Cifar => SharedFolder.Path("data", "cifar10", "calibration");

    /// <summary>A network that does next to nothing, fast.</summary>
    private static FloatModel Nothing() => new(new Model(
        new Graph("nothing",
            [new Value("x", ElementType.Float32, new Shape([Dimension.Named("N"), 3, 32, 32]))], [new Value("y", ElementType.Float32, null)],
            [new Node("y", "Relu", ["x"], ["y"])], ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal)),
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", 17)));

    private static FloatModel ResNet20() => TorchModel.Load(SharedFolder.Path("models", "resnet20-12fca82f.th"), "resnet20");

    private static FloatModel UltraFace() => FloatModel.Load(SharedFolder.Path("models", "ultraface-rfb-320.onnx"));

    private static void AssertFound(ImmutableArray<Diagnostic> found, string code, string advice)
    {
        var about = Assert.Single(found, d => AboutInput.Contains(d.Code));
        Assert.Equal(code, about.Code);
        Assert.EndsWith(advice, about.Advice, StringComparison.Ordinal);
    }

    private ImmutableArray<Diagnostic> Examine(FloatModel model, string data, string preprocessing, ImageSize? size = null, int limit = 64)
    {
        var colours = preprocessing switch
        {
            "raw" => new() { Scale = 1 },
            "unit" => new(),
            "no mean" => new() { Std = [0.229f, 0.224f, 0.225f] },
            _ when preprocessing.EndsWith(" bgr", StringComparison.Ordinal) =>
                Preprocessing.Preset(preprocessing[..^4]) with { Channels = ChannelOrder.Bgr },
            _ => Preprocessing.Preset(preprocessing),
        };
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        foreach (var batch in DataSource.Open(data, colours with { ResizeTo = size }, 16, new SampleSelection { Limit = limit }))
            calibrator.Observe(batch);
        var found = DataDoctor.Examine(fused, calibrator.Statistics);
        foreach (var diagnostic in found) output.WriteLine($"[{diagnostic.Code}] {diagnostic}");
        return found;
    }
}
