using Caliper.Graphs;
using Caliper.Torch;

namespace Caliper.Tool.Tests;

public sealed class WrongInputTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_missing_model_is_named() => Quantize(_sample["missing.onnx"]).AssertFailed("missing.onnx");

    [Fact]
    public void A_truncated_model_is_refused()
    {
        var bytes = File.ReadAllBytes(_sample.Model());
        File.WriteAllBytes(_sample["short.onnx"], bytes[..(bytes.Length / 2)]);
        Quantize(_sample["short.onnx"]).AssertFailed("short.onnx");
    }

    [Fact]
    public void Garbage_is_refused()
    {
        File.WriteAllText(_sample["garbage.onnx"], "this is no model");
        Quantize(_sample["garbage.onnx"]).AssertFailed("garbage.onnx");
    }

    [Fact]
    public void A_folder_is_no_model() => Quantize(_sample.Images(name: "folder.onnx")).AssertFailed("folder.onnx", "folder");

    [Fact]
    public void A_checkpoint_without_its_architecture_is_refused_with_the_known_ones()
    {
        File.WriteAllBytes(_sample["weights.pth"], [1, 2, 3]);
        Quantize(_sample["weights.pth"]).AssertFailed("weights.pth", "--arch", "resnet20", "mobilenet_v2");
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_known_ones() =>
        Quantize(Checkpoint(), "--arch", "resnet21").AssertFailed("'resnet21'", "resnet20", "squeezenet1_1");

    [Fact]
    public void Weights_of_another_architecture_are_listed_by_name() =>
        Quantize(Checkpoint(), "--arch", "resnet20").AssertFailed("conv1.weight", "stem.weight");

    [Fact]
    public void A_damaged_checkpoint_is_refused()
    {
        File.WriteAllBytes(_sample["weights.pth"], "PK\u0003\u0004 and then nothing of use"u8);
        Quantize(_sample["weights.pth"], "--arch", "resnet20").AssertFailed("weights.pth");
    }

    [Fact]
    public void Missing_data_is_named() => QuantizeData(_sample["nowhere"]).AssertFailed("nowhere");

    [Fact]
    public void An_empty_folder_is_refused()
    {
        Directory.CreateDirectory(_sample["empty"]);
        QuantizeData(_sample["empty"]).AssertFailed("empty");
    }

    [Fact]
    public void A_folder_of_classes_and_loose_images_is_refused()
    {
        var images = _sample.Images();
        File.Copy(Path.Combine(images, "class0", "0.bmp"), Path.Combine(images, "loose.bmp"));
        QuantizeData(images).AssertFailed("images");
    }

    [Fact]
    public void A_corrupt_image_is_named_and_nothing_is_left()
    {
        var images = _sample.Images();
        File.WriteAllBytes(Path.Combine(images, "class3", "2.bmp"), [66, 77, 0, 0, 0]);
        QuantizeData(images).AssertFailed("2.bmp");
        Assert.Empty(_sample.Leftovers("model.onnx"));
    }

    [Fact]
    public void An_image_of_the_wrong_size_is_named_with_a_remedy()
    {
        var images = _sample.Images();
        _sample.Images(1, "images", side: 9);
        QuantizeData(images).AssertFailed("0.bmp", "9×9", "8×8");
    }

    [Fact]
    public void A_value_that_is_no_number_is_named_by_sample() =>
        QuantizeData(_sample.Array(4, first: float.NaN)).AssertFailed("data.npy[0]", "NaN");

    [Fact]
    public void An_array_of_the_wrong_shape_is_refused() =>
        QuantizeData(_sample.Array(4, side: 9)).AssertFailed("'input'", "8×8", "9×9");

    [Fact]
    public void An_output_in_no_folder_is_an_error_before_any_work() =>
        ToolRun.Of("quantize", "missing.onnx", "--data", "nowhere", "-o", _sample["no/such/out.onnx"])
            .AssertFailed("out.onnx", "no folder");

    [Fact]
    public void An_output_that_cannot_be_written_is_an_error_before_any_work()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a folder that nobody may write to, such as /proc");
        ToolRun.Of("quantize", "missing.onnx", "--data", "nowhere", "-o", "/proc/out.onnx").AssertFailed("/proc/out.onnx", "cannot be written");
    }

    [Fact]
    public void An_output_that_is_a_folder_is_refused() =>
        ToolRun.Of("quantize", "missing.onnx", "--data", "nowhere", "-o", _sample.Folder).AssertFailed("is a folder");

    [Fact]
    public void A_qconfig_file_that_is_none_is_named()
    {
        File.WriteAllText(_sample["q.json"], "{ \"activation\": 1 }");
        Quantize(_sample.Model(), "--qconfig", _sample["q.json"]).AssertFailed("q.json");
    }

    /// <summary>Weights of a network that is none of the known ones.</summary>
    private string Checkpoint()
    {
        var tensors = new StateDict([KeyValuePair.Create("stem.weight", Tensor.Of(Shape.Of(2, 2), new float[4]))]);
        Torch.Checkpoint.Save(tensors, _sample["weights.pth"]);
        return _sample["weights.pth"];
    }

    private ToolRun QuantizeData(string data) => ToolRun.Of("quantize", _sample.Model(), "--data", data, "-o", _sample["out.onnx"]);

    private ToolRun Quantize(string model, params string[] args) =>
        ToolRun.Of(["quantize", model, "--data", _sample.Images(), "-o", _sample["out.onnx"], .. args]);
}
