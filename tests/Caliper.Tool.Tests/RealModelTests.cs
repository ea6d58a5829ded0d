using Caliper.Testing;

namespace Caliper.Tool.Tests;

public sealed class RealModelTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_checkpoint_is_quantized_and_keeps_its_accuracy()
    {
        var json = ToolRun.Of("quantize", SharedFolder.Path("models", "resnet20-12fca82f.th"), "--arch", "resnet20", "--preprocess", "cifar10",
            "--data", SharedFolder.Path("data", "cifar10", "calibration"), "--batches", "6", "-o", _sample["out.onnx"], "--format", "json").Json;
        Assert.Equal(192, json.GetProperty("calibration").GetProperty("samples").GetInt32());
        Assert.InRange(json.GetProperty("agreement").GetDouble(), 94, 100);
        Assert.InRange(json.GetProperty("sqnrDecibels").EnumerateObject().Single().Value.GetDouble(), 22, 60);
        Assert.Equal(0, json.GetProperty("layers").GetProperty("float").GetInt32());
    }

    [Fact]
    public void The_wrong_architecture_lists_the_keys() => ToolRun.Of("quantize", SharedFolder.Path("models", "resnet20-12fca82f.th"),
        "--arch", "resnet32", "--data", _sample.Images(), "-o", _sample["out.onnx"]).AssertFailed("layer1.3.conv1.weight");

    [Fact]
    public void Images_of_the_wrong_size_are_named() => ToolRun.Of("evaluate", SharedFolder.Path("models", "resnet20.onnx"),
        "--data", SharedFolder.Path("data", "faces")).AssertFailed("320×240", "32×32");

    [Fact]
    public void A_labels_file_and_the_preset_of_a_model_are_enough()
    {
        var json = ToolRun.Of("evaluate", SharedFolder.Path("models", "squeezenet1_0.onnx"), "--preprocess", "squeezenet1_0",
            "--data", SharedFolder.Path("data", "imagenet-sample"), "--batches", "1", "--batch-size", "12", "--format", "json").Json;
        Assert.InRange(json.GetProperty("acc1").GetDouble(), 30, 100);
    }
}
