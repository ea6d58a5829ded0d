using System.Text.Json;
using Caliper.Testing;
using Caliper.Torch;

namespace Caliper.Conformance.Torch;

public class ResNet20Tests
{
    [Fact]
    public void The_checkpoint_gives_the_logits_of_PyTorch()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "resnet20_pytorch.json")));
        var logitsOfPyTorch = fixture.RootElement.GetProperty("float").GetProperty("logits_first_8");
        var expected = logitsOfPyTorch.EnumerateArray().Select(e => e.GetSingle()).ToArray();
        using var model = TorchModel.Load(SharedFolder.Path("models", "resnet20-12fca82f.th"), "resnet20");

        var logits = model.Run(CifarImages.First(8, fixture.RootElement.GetProperty("normalize")));

        Assert.InRange(ModelRunning.LargestDifference(expected, logits.Span<float>()), 0, Tolerances.Logits);
    }

    [Fact]
    public void The_checkpoint_gives_what_the_same_network_exported_by_PyTorch_gives()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "resnet20_pytorch.json")));
        var images = CifarImages.First(8, fixture.RootElement.GetProperty("normalize"));
        using var built = TorchModel.Load(SharedFolder.Path("models", "resnet20-12fca82f.th"), "resnet20");
        using var exported = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"));

        Assert.InRange(ModelRunning.LargestDifference(exported.Run(images), built.Run(images)), 0, Tolerances.SameNetwork);
    }
}
