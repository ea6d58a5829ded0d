using Caliper.Onnx;
using Caliper.Testing;
using Caliper.Torch;

namespace Caliper.Tool.Tests;

/// <summary>Pages about networks with many layers, branches and residual blocks, as the commands write them.</summary>
public sealed class ReportedModelTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    /// <summary>Untrained, so that any machine has them.</summary>
    [Fact]
    public void A_residual_network_has_its_pages()
    {
        using (var model = TorchModel.Untrained("resnet32")) OnnxFile.Write(model.Model, _sample["model.onnx"]);
        Reports(_sample["model.onnx"], _sample.Array(1, side: 32));
    }

    [Fact]
    public void A_network_of_joined_branches_has_its_pages() =>
        Reports(SharedFolder.Path("models", "squeezenet1_0.onnx"), _sample.Array(1, side: 227));

    [Fact]
    public void A_detector_has_its_pages() => Reports(SharedFolder.Path("models", "ultraface-rfb-320.onnx"), SharedFolder.Path("data", "faces"),
        "--scale", "1/128", "--mean", "0.9921875");

    private void Reports(string model, string data, params string[] reading)
    {
        string[] shared = [model, "--data", data, .. reading, "--batches", "1", "--batch-size", "1", "--no-progress"];
        string[][] lines =
        [
            ["calibrate", .. shared, "-o", _sample["m.calib"], "--report", _sample["calibration.html"]],
            ["quantize", .. shared, "--fast", "-o", _sample["int8.onnx"], "--report", _sample["quantization.html"]],
        ];
        foreach (var line in lines)
        {
            var run = ToolRun.Of(line);
            Assert.True(run.ExitCode == 0, run.Error);
        }
        using var network = FloatModel.Load(model);
        using var fused = network.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Shows("calibration.html", prepared.Plan.Sites.Select(s => s.Name));
        // Of what moves values, the int8 network may have other tensors; the layers that multiply are the same.
        Shows("quantization.html", fused.Layers.Where(l => l.Operation.Is("Conv")).Select(l => l.Name));
    }

    private void Shows(string page, IEnumerable<string> names)
    {
        var html = File.ReadAllText(_sample[page]);
        Assert.All(names, name => Assert.Contains(name, html, StringComparison.Ordinal));
    }
}
