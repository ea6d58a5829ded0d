using Caliper.Graphs;
using Caliper.Testing;
using Caliper.Torch;

namespace Caliper.Conformance.Torch;

/// <summary>Networks of torchvision that PyTorch exported, and ours with their weights, must be the same function.</summary>
public class ExportedNetworkTests
{
    [Fact]
    public void SqueezeNet_is_the_network_that_PyTorch_exports()
    {
        using var exported = FloatModel.Load(SharedFolder.Path("models", "squeezenet1_0.onnx"));
        var weights = new StateDict(exported.Model.Graph.Initializers);
        using var built = Architectures.Create("squeezenet1_0").ToModel(weights, Shape.Of(3, 227, 227));
        var image = Image(227);

        Assert.InRange(ModelRunning.LargestDifference(exported.Run(image), built.Run(image)), 0, Tolerances.SameNetwork);
    }

    [Fact]
    public void MobileNetV2_is_the_network_that_PyTorch_exports()
    {
        using var exported = FloatModel.Load(SharedFolder.Path("models", "mobilenet_v2_untrained.onnx"));
        var network = Architectures.Create("mobilenet_v2");
        using var built = network.ToModel(Unfolded(network.RandomWeights(), exported.Model.Graph), Shape.Of(3, 224, 224));
        var image = Image(224);

        Assert.InRange(ModelRunning.LargestDifference(exported.Run(image), built.Run(image)), 0, Tolerances.SameNetwork);
    }

    /// <summary>The exporter folded each normalization into its convolution; here it becomes the identity with a bias.</summary>
    private static StateDict Unfolded(StateDict template, Graph exported)
    {
        var layers = new Queue<Node>(exported.Nodes.Where(n => n.OpType is "Conv" or "Gemm"));
        var bias = "";
        Tensor Value(string key, Tensor initial)
        {
            if (key.EndsWith("running_var", StringComparison.Ordinal))
                return Tensor.Of(initial.Shape, Enumerable.Repeat(1 - 1e-5f, initial.Count).ToArray());
            if (key.EndsWith(".bias", StringComparison.Ordinal)) return exported.Constant(bias)!;
            if (initial.Shape.Rank == 1) return initial;
            var layer = layers.Dequeue();
            bias = layer.Input(2);
            return exported.Constant(layer.Input(1))!;
        }
        return new StateDict(template.Select(t => KeyValuePair.Create(t.Key, Value(t.Key, t.Value))).ToArray());
    }

    private static Tensor Image(int size)
    {
        var pixels = new float[3 * size * size];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = 2 * MathF.Sin(i * 0.01f) + MathF.Cos(i * 0.37f);
        return Tensor.Of(Shape.Of(1, 3, size, size), pixels);
    }
}
