using Caliper;
using Caliper.Graphs;
using Caliper.Torch;
using Glyphs.Layers;
using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>The network as a PyTorch checkpoint, with the parameter names of torchvision's MobileNetV2.</summary>
internal static class GlyphCheckpoint
{
    /// <summary>Writes the weights; the channel scales are multiplied into weight and bias of their batch norms.</summary>
    public static void Save(GlyphNetwork network, string path)
    {
        var tensors = new List<KeyValuePair<string, Tensor>>();
        void Add(string name, Tensor tensor) => tensors.Add(new(name, tensor));

        foreach (var (block, convolution, norm) in Named(network))
        {
            var n = block.Normalization;
            Add($"{convolution}.weight", Tensor.Of(Shape.Of(block.Convolution.TorchShape), block.Convolution.ToTorchOrder()));
            Add($"{norm}.weight", Tensor.Vector(Products(n.Scale, n.Gamma.Values)));
            Add($"{norm}.bias", Tensor.Vector(Products(n.Scale, n.Beta.Values)));
            Add($"{norm}.running_mean", Tensor.Vector(n.RunningMean));
            Add($"{norm}.running_var", Tensor.Vector(n.RunningVariance));
            Add($"{norm}.num_batches_tracked", Tensor.Scalar(n.BatchesTracked));
        }
        var matrix = network.Classifier.Matrix;
        Add("classifier.1.weight", Tensor.Of(Shape.Of(matrix.TorchShape.AsSpan(0, 2)), matrix.ToTorchOrder()));
        Add("classifier.1.bias", Tensor.Vector(network.Classifier.Bias.Values));
        Checkpoint.Save(new StateDict(tensors), path);
    }

    /// <summary>Reads the weights; the channel scales are 1 then, as they are in the batch norms.</summary>
    /// <exception cref="CaliperException">The file cannot be read, or is of another network.</exception>
    public static GlyphNetwork Load(string path, Workers workers)
    {
        var weights = Checkpoint.Load(path);
        var network = new GlyphNetwork(new SeededRandom(0), workers);
        void Read(string name, float[] into)
        {
            if (!weights.TryGetValue(name, out var tensor) || tensor.Type != ElementType.Float32 || tensor.Count != into.Length)
                throw new CaliperException($"'{path}' does not hold the glyph network: '{name}' is not {into.Length} floats.");
            tensor.Span<float>().CopyTo(into);
        }

        void ReadWeight(string name, Convolution convolution)
        {
            var ordered = new float[convolution.Weight.Values.Length];
            Read(name, ordered);
            convolution.FromTorchOrder(ordered);
        }

        foreach (var (block, convolution, norm) in Named(network))
        {
            ReadWeight($"{convolution}.weight", block.Convolution);
            Read($"{norm}.weight", block.Normalization.Gamma.Values);
            Read($"{norm}.bias", block.Normalization.Beta.Values);
            Read($"{norm}.running_mean", block.Normalization.RunningMean);
            Read($"{norm}.running_var", block.Normalization.RunningVariance);
        }
        ReadWeight("classifier.1.weight", network.Classifier.Matrix);
        Read("classifier.1.bias", network.Classifier.Bias.Values);
        return network;
    }

    /// <summary>Each convolution with its name and that of its batch norm.</summary>
    private static IEnumerable<(ConvolutionBlock Block, string Convolution, string Norm)> Named(GlyphNetwork network)
    {
        yield return (network.Stem, "features.0.0", "features.0.1");
        var feature = 1;
        foreach (var block in network.Blocks)
        {
            var at = 0;
            var prefix = $"features.{feature++}.conv";
            if (block.Expand is { } expand) yield return (expand, $"{prefix}.{at}.0", $"{prefix}.{at++}.1");
            yield return (block.Filter, $"{prefix}.{at}.0", $"{prefix}.{at++}.1");
            yield return (block.Project, $"{prefix}.{at}", $"{prefix}.{at + 1}");
        }
        yield return (network.Last, $"features.{feature}.0", $"features.{feature}.1");
    }

    private static float[] Products(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a * b)];
}
