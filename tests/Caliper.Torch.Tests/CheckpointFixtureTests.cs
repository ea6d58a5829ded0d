using System.Text.Json;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Torch.Tests;

public class CheckpointFixtureTests
{
    [Theory]
    [InlineData("checkpoint_plain_zip.pth")]
    [InlineData("checkpoint_plain_legacy.pth")]
    [InlineData("checkpoint_wrapped_zip.pth")]
    [InlineData("checkpoint_wrapped_legacy.pth")]
    public void Every_tensor_has_the_values_that_PyTorch_saved(string file)
    {
        var tensors = Checkpoint.Load(SharedFolder.Path("fixtures", file));
        using var expected = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "checkpoint_values.json")));

        var all = expected.RootElement.GetProperty("tensors").EnumerateObject().ToArray();
        Assert.Equal(all.Select(t => t.Name), tensors.Keys);
        foreach (var entry in all) AssertEqual(entry.Value, tensors[entry.Name], entry.Value.GetProperty("dtype").GetString()!);
    }

    [Fact]
    public void TorchSharp_weights_have_the_values_that_TorchSharp_saved()
    {
        var tensors = Checkpoint.Load(SharedFolder.Path("fixtures", "torchsharp_small.dat"));
        using var expected = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "torchsharp_small.json")));

        var all = expected.RootElement.GetProperty("tensors").EnumerateObject().ToArray();
        Assert.Equal(all.Select(t => t.Name), tensors.Keys);
        foreach (var entry in all)
        {
            var tensor = tensors[entry.Name];
            Assert.Equal(entry.Value.GetProperty("dtype").GetString(), tensor.Type.ToString());
            Assert.Equal(TensorValues.Longs(entry.Value.GetProperty("shape")), tensor.Shape.ToArray());
            if (tensor.Type is ElementType.Float32)
                Assert.Equal(Floats(entry.Value.GetProperty("data")), tensor.Span<float>().ToArray());
            else
                Assert.Equal(TensorValues.Doubles(entry.Value.GetProperty("data")), tensor.ToDoubles());
        }
    }

    [Fact]
    public void A_legacy_training_checkpoint_gives_its_weights_without_wrapper_and_prefix()
    {
        var tensors = Checkpoint.Load(SharedFolder.Path("models", "resnet20-12fca82f.th"));

        Assert.Equal("conv1.weight", tensors.Keys.First());
        Assert.Equal(Shape.Of(10, 64), tensors["linear.weight"].Shape);
        Assert.Equal(269_722, tensors.Where(t => !t.Key.Contains("running", StringComparison.Ordinal)).Sum(t => t.Value.Count));
    }

    private static void AssertEqual(JsonElement expected, Tensor actual, string dtype)
    {
        Assert.Equal(dtype, TorchNameOf(actual.Type));
        Assert.Equal(TensorValues.Longs(expected.GetProperty("shape")), actual.Shape.ToArray());
        Assert.Equal(TensorValues.Doubles(expected.GetProperty("data")), actual.ToDoubles());
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetSingle())];

    private static string TorchNameOf(ElementType type) =>
        type is ElementType.Boolean ? "bool" : type.ToString().ToLowerInvariant();
}
