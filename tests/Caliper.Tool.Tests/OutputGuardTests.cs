using Caliper.Onnx;

namespace Caliper.Tool.Tests;

public sealed class OutputGuardTests : IDisposable
{
    private readonly Sample _sample = new();
    private readonly string _model;
    private readonly string _data;

    public OutputGuardTests()
    {
        _model = _sample.Model();
        _data = _sample.Array(8);
    }

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void No_input_of_any_command_is_replaced()
    {
        var (test, images) = (_sample.Array(8, "test.npy"), _sample.Images());
        new QConfigMapping(QConfig.Default).Save(_sample["q.json"]);
        string[] quantize = ["quantize", _model, "--data", _data, "--test-data", test, "--qconfig", _sample["q.json"]];
        foreach (var input in new[] { _model, _data, test, _sample["q.json"] })
        {
            Refused(input, [.. quantize, "-o", input]);
            Refused(input, [.. quantize, "-o", _sample["out.onnx"], "--report", input]);
        }
        foreach (var input in new[] { _model, _data })
        {
            Refused(input, ["calibrate", _model, "--data", _data, "-o", input]);
            Refused(input, ["calibrate", _model, "--data", _data, "-o", _sample["m.calib"], "--trace", input]);
            Refused(input, ["calibrate", _model, "--data", _data, "-o", _sample["m.calib"], "--report", input]);
        }
        var image = Path.Combine(images, "class0", "0.bmp");
        Refused(image, ["calibrate", _model, "--data", images, "-o", image]);
        Refused(image, ["calibrate", _model, "--data", images, "--resume", "-o", image]);
        Refused(test, ["compare", _model, _model, "--data", test, "--report", test]);
        File.WriteAllText(_sample["a.calib"], "a");
        Refused(_sample["a.calib"], ["merge", _sample["a.calib"], "-o", _sample["a.calib"]]);
    }

    [Fact]
    public void An_input_by_another_name_is_known()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making links needs rights there");
        File.CreateSymbolicLink(_sample["link.npy"], _data);
        Directory.CreateSymbolicLink(_sample["alias"], _sample.Folder);
        HardLink(_data, _sample["hard.npy"]);
        foreach (var name in new[] { "link.npy", "hard.npy", "alias/data.npy", "alias/../data.npy", "alias/model.onnx" })
            Refused(_data, ["calibrate", _model, "--data", _data, "-o", _sample[name]]);
        // The other way round: the input has the other name.
        Refused(_data, ["calibrate", _model, "--data", _sample["link.npy"], "-o", _data]);
        Assert.Equal(_data, new FileInfo(_sample["link.npy"]).LinkTarget);
    }

    [Fact]
    public void A_file_of_a_folder_is_known_by_its_hard_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs ln");
        var image = Path.Combine(_sample.Images(), "class2", "1.bmp");
        HardLink(image, _sample["m.calib"]);
        Refused(image, ["calibrate", _model, "--data", _sample["images"], "-o", _sample["m.calib"]]);
    }

    [Fact]
    public void Two_outputs_in_one_place_are_refused_though_nothing_is_there_yet()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making links needs rights there");
        Directory.CreateSymbolicLink(_sample["alias"], _sample.Folder);
        ToolRun.Of("calibrate", _model, "--data", _data, "-o", _sample["m.calib"], "--trace", _sample["alias/m.calib"])
            .AssertFailed("is also another output");
    }

    [Fact]
    public void The_weights_beside_a_model_and_the_labels_beside_images_are_inputs()
    {
        OnnxFile.Write(OnnxFile.Read(_model), _sample["two.onnx"], new OnnxWriteOptions { ExternalData = true, SmallestExternalInBytes = 0 });
        Refused(_sample["two.onnx.data"], ["calibrate", _sample["two.onnx"], "--data", _data, "-o", _sample["two.onnx.data"]]);
        // A copy of a model shares its weights: replacing the copy would remove them.
        File.Copy(_sample["two.onnx"], _sample["copy.onnx"]);
        var run = ToolRun.Of("quantize", _sample["copy.onnx"], "--data", _data, "-o", _sample["two.onnx"], "--overwrite");
        run.AssertFailed("two.onnx.data", "also an input");

        var (images, labels) = (_sample["train-images-idx3-ubyte"], _sample["train-labels-idx1-ubyte"]);
        File.WriteAllBytes(images, [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8]);
        File.WriteAllBytes(labels, [0, 0, 8, 1, 0, 0, 0, 0]);
        Refused(labels, ["calibrate", _model, "--data", images, "-o", labels]);
    }

    [Fact]
    public void What_is_no_file_is_refused_before_any_work()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name");
        using var made = System.Diagnostics.Process.Start("mkfifo", [_sample["pipe"]]);
        made.WaitForExit();
        ToolRun.Of("calibrate", _model, "--data", _data, "-o", _sample["pipe"], "--overwrite").AssertFailed("pipe", "name a file");
        ToolRun.Of("calibrate", _model, "--data", _data, "-o", "/dev/null", "--overwrite").AssertFailed("/dev/null", "name a file");
    }

    private static void Refused(string input, string[] args)
    {
        var before = File.ReadAllBytes(input);
        ToolRun.Of([.. args, "--overwrite"]).AssertFailed("also an input");
        Assert.Equal(before, File.ReadAllBytes(input));
    }

    private static void HardLink(string path, string name)
    {
        using var made = System.Diagnostics.Process.Start("ln", [path, name]);
        made.WaitForExit();
    }
}
