using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Preparation;

namespace Caliper.Conformance.Engine;

/// <summary>What the quantizer writes for a recipe of 16 bits runs in integers.</summary>
public class WrittenWordTests
{
    [Fact]
    public void Every_layer_behind_an_activation_of_16_bits_is_summed_in_integers()
    {
        var (model, feeds) = Network();
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(feeds);
        var sites = prepared.Plan.Sites.Select(s => s.Observed[0]).Distinct();
        var recipe = Recipe.Empty with { Activations = sites.ToImmutableSortedDictionary(s => s, _ => new RecipeChoice(16), StringComparer.Ordinal) };
        var written = prepared.Convert(new() { Recipe = recipe }).Model;
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(written), feeds, optimize: false)["y"].Span<float>().ToArray();
        Tensor? portable = null;
        foreach (var set in Enum.GetValues<KernelSet>().Reverse())
        {
            using var session = Int8Session.FromModel(written, new Int8SessionOptions { Kernels = set, Batch = 2, Guard = MemoryGuard.After });
            string[] kinds = [.. session.Describe().Steps.Select(s => s.Kind)];
            Assert.Equal(4, kinds.Count(k => k.EndsWith(" of 16 bits", StringComparison.Ordinal)));
            Assert.DoesNotContain(kinds, k => k is "Conv (float)" or "Gemm (float)");
            var actual = session.Run(feeds)["y"];
            Comparison.AssertSame(portable ??= actual, actual);
        }
        // Each of four layers may round a word otherwise.
        var allowed = 8 * expected.Max(MathF.Abs) / ushort.MaxValue;
        foreach (var (e, a) in expected.Zip(portable!.Span<float>().ToArray())) Assert.Equal(e, a, allowed);
    }

    /// <summary>A convolution, a depthwise one with a shortcut around it, one with a stride, and a matrix.</summary>
    private static (FloatModel Model, Dictionary<string, Tensor> Feeds) Network()
    {
        var random = new Random(3);
        var constants = ImmutableSortedDictionary.CreateBuilder<string, Tensor>(StringComparer.Ordinal);
        Tensor Numbers(params long[] shape) =>
            Tensor.Of(Shape.Of(shape), Enumerable.Range(0, (int)Shape.Of(shape).ElementCount).Select(_ => random.NextSingle() - 0.5f).ToArray());
        Node Layer(string operation, string name, string input, params long[] shape)
        {
            constants[name + ".w"] = Numbers(shape);
            constants[name + ".b"] = Numbers(shape[0]);
            return new Node(name, operation, [input, name + ".w", name + ".b"], [name + ".y"]);
        }
        Node[] nodes =
        [
            Layer("Conv", "a", "x", 24, 3, 3, 3).With("pads", 1, 1, 1, 1),
            new Node("a.relu", "Relu", ["a.y"], ["a.z"]),
            Layer("Conv", "b", "a.z", 24, 1, 3, 3).With("pads", 1, 1, 1, 1).With("group", 24),
            new Node("add", "Add", ["a.z", "b.y"], ["sum"]),
            Layer("Conv", "c", "sum", 17, 24, 3, 3).With("strides", 2, 2),
            new Node("c.relu", "Relu", ["c.y"], ["c.z"]),
            new Node("flat", "Flatten", ["c.z"], ["flat.y"]),
            Layer("Gemm", "d", "flat.y", 10, 17 * 4 * 4).With("transB", 1) with { Outputs = ["y"] },
        ];
        var x = new Value("x", ElementType.Float32, Shape.Of(2, 3, 9, 9));
        var graph = new Graph("net", [x], [new Value("y", ElementType.Float32, Shape.Of(2, 10))], nodes, constants.ToImmutable());
        var model = new Model(graph, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", 13)) { IrVersion = 7 };
        return (new FloatModel(model), new() { ["x"] = Numbers(2, 3, 9, 9) });
    }
}
