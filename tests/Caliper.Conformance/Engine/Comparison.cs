using Caliper.Testing;
using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Runs a model in ONNX Runtime and in the engine.</summary>
internal static class Comparison
{
    /// <summary>Random floats and bytes for every input.</summary>
    public static Dictionary<string, Tensor> Feeds(Model model, int seed, int batch = 1)
    {
        var random = new Random(seed);
        return model.Graph.Inputs.ToDictionary(i => i.Name, i =>
        {
            var shape = i.Shape!.Value;
            if (shape.Rank > 0 && !shape[0].IsKnown) shape = shape.With(0, batch);
            if (i.Type is ElementType.Float32)
                return Tensor.Of(shape, Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.NextSingle() * 4 - 2).ToArray());
            var bytes = new byte[shape.ElementCount];
            random.NextBytes(bytes);
            return new Tensor(i.Type, shape, bytes);
        });
    }

    /// <summary>What the engine returns.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(Model model, Dictionary<string, Tensor> feeds, Int8SessionOptions? options = null)
    {
        using var session = Int8Session.FromModel(model, options);
        return session.Run(feeds);
    }

    /// <summary>Checks that both return the same bits.</summary>
    public static void AssertSameBits(Model model, int seed = 1)
    {
        var feeds = Feeds(model, seed);
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, signedInIntegers: true);
        foreach (var (name, actual) in Run(model, feeds)) AssertSame(expected[name], actual);
    }

    /// <summary>Checks that bytes differ by at most one level, and at about one of ten thousand at most.</summary>
    public static void AssertSameLevels(Model model, int seed = 1)
    {
        var feeds = Feeds(model, seed);
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        foreach (var (name, actual) in Run(model, feeds))
        {
            Assert.Equal((expected[name].Type, expected[name].Shape), (actual.Type, actual.Shape));
            var differences = Levels(expected[name]).Zip(Levels(actual), (e, a) => Math.Abs(e - a)).ToArray();
            Assert.InRange(differences.Max(), 0, 1);
            // A count scatters about its mean by the mean's root; of a few values, one may be off.
            var mean = Tolerances.EngineShareOffByOne * differences.Length;
            Assert.InRange(differences.Count(d => d > 0), 0, (int)(1 + mean + 3 * Math.Sqrt(mean)));
        }
    }

    /// <summary>Checks that every kernel set, with guard pages on either side of every tensor, gives the bits of the plain code.</summary>
    public static void AssertSameEverywhere(Model model, int seed = 1) => AssertSameEverywhere(model, Feeds(model, seed));

    /// <summary>The same on given inputs.</summary>
    public static void AssertSameEverywhere(Model model, Dictionary<string, Tensor> feeds)
    {
        var expected = Run(model, feeds, new Int8SessionOptions { Kernels = KernelSet.Portable });
        foreach (var kernels in Enum.GetValues<KernelSet>())
        {
            foreach (var guard in new[] { MemoryGuard.After, MemoryGuard.Before })
            {
                var options = new Int8SessionOptions { Kernels = kernels, Guard = guard, Threads = 1 + (int)kernels % 2 };
                foreach (var (name, tensor) in Run(model, feeds, options)) AssertSame(expected[name], tensor);
            }
        }
    }

    public static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
    }

    private static IEnumerable<int> Levels(Tensor tensor) =>
        tensor.Type is ElementType.Int8 ? tensor.Span<sbyte>().ToArray().Select(q => (int)q) : tensor.Span<byte>().ToArray().Select(q => (int)q);
}
