using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>GatherND, ScatterND, ArgMax, ArgMin and TopK in the engine: what ONNX Runtime gives, bit for bit; hostile places end the run.</summary>
public class PlacesTests
{
    [Theory]
    [InlineData(0, new long[] { 2, 3, 5 }, new long[] { 4, 2 })]
    [InlineData(0, new long[] { 2, 3, 5 }, new long[] { 2, 2, 3 })]
    [InlineData(1, new long[] { 2, 3, 5 }, new long[] { 2, 4, 1 })]
    [InlineData(1, new long[] { 2, 3, 2 }, new long[] { 2, 2 })]
    public void Pieces_are_gathered(int batchAxes, long[] data, long[] indices) =>
        Check([("x", data)], Places("at", data.AsSpan(batchAxes), indices),
            new Node("g", "GatherND", ["x", "at"], ["g"]).With("batch_dims", batchAxes),
            new Node("c", "Cast", ["x"], ["c"]).With("to", (long)ElementType.Int64),
            new Node("w", "GatherND", ["c", "at"], ["w"]).With("batch_dims", batchAxes));

    [Theory]
    [InlineData(new long[] { 3, 4, 5 }, new long[] { 2, 1 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 3, 4, 5 }, new long[] { 2, 2, 3 }, new long[] { 2, 2 })]
    [InlineData(new long[] { 7 }, new long[] { 3, 1 }, new long[] { 3 })]
    public void Pieces_are_replaced(long[] data, long[] indices, long[] updates) =>
        Check([("x", data), ("u", updates)], Places("at", data, indices), new Node("s", "ScatterND", ["x", "at", "u"], ["s"]),
            new Node("xc", "Cast", ["x"], ["xc"]).With("to", (long)ElementType.Int32),
            new Node("uc", "Cast", ["u"], ["uc"]).With("to", (long)ElementType.Int32),
            new Node("w", "ScatterND", ["xc", "at", "uc"], ["w"]));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void The_extremes_are_found(int axis) => Check([("x", [3, 17, 4])], null,
        new Node("most", "ArgMax", ["x"], ["most"]).With("axis", axis),
        new Node("least", "ArgMin", ["x"], ["least"]).With("axis", axis).With("keepdims", 0),
        new Node("last", "ArgMax", ["x"], ["last"]).With("axis", axis).With("select_last_index", 1));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 5, 0)]
    [InlineData(1, 17, 1)]
    [InlineData(-1, 4, 0)]
    [InlineData(0, 2, 1)]
    public void The_first_k_are_found_in_order(int axis, int k, int largest) => Check([("x", [3, 17, 4])], new("k", Tensor.Vector((long)k)),
        new Node("top", "TopK", ["x", "k"], ["values", "indices"]).With("axis", axis).With("largest", largest));

    [Theory]
    [InlineData("add")]
    [InlineData("mul")]
    [InlineData("max")]
    [InlineData("min")]
    public void Pieces_are_joined(string reduction) => Check([("x", [3, 4, 5]), ("u", [3, 5])],
        new("at", Tensor.Of(Shape.Of(3, 2), [1L, 2, 0, -1, 1, 2])),
        new Node("s", "ScatterND", ["x", "at", "u"], ["s"]).With("reduction", reduction));

    [Fact]
    public void A_place_outside_of_the_tensor_ends_the_run_and_the_next_one_is_fine()
    {
        foreach (var scatters in new[] { false, true })
        {
            var node = scatters ? new Node("n", "ScatterND", ["x", "at", "u"], ["y"]) : new Node("n", "GatherND", ["x", "at"], ["y"]);
            var model = ModelOf([("x", [3, 4]), ("u", [2])], null, [node], [new Value("at", ElementType.Int64, Shape.Of(2, 2))]);
            using var session = Int8Session.FromModel(model, new Int8SessionOptions { Guard = MemoryGuard.After });
            foreach (var wrong in new[] { 4L, -5, long.MaxValue, long.MinValue })
            {
                var error = Assert.Throws<CaliperException>(() => session.Run(Fed(0, 0, 2, wrong)));
                Assert.Contains($"index {wrong} for an axis of 4", error.Message, StringComparison.Ordinal);
            }
            Assert.NotNull(session.Run(Fed(-3, -4, 2, 3))["y"]);
        }

        static Dictionary<string, Tensor> Fed(params long[] at) => new()
        {
            ["x"] = Tensor.Of(Shape.Of(3, 4), new float[12]),
            ["u"] = Tensor.Vector(1f, 2f),
            ["at"] = Tensor.Of(Shape.Of(2, 2), at),
        };
    }

    [Fact]
    public void A_constant_place_outside_of_the_tensor_is_refused_at_load()
    {
        foreach (var op in new[] { "ScatterND", "GatherND" })
        {
            var node = op == "ScatterND" ? new Node("n", op, ["x", "at", "u"], ["y"]) : new Node("n", op, ["x", "at"], ["y"]);
            var at = new KeyValuePair<string, Tensor>("at", Tensor.Of(Shape.Of(2, 2), [0L, 0, 2, 4]));
            var error = Assert.Throws<CaliperException>(() => Int8Session.FromModel(ModelOf([("x", [3, 4]), ("u", [2])], at, [node], [])));
            Assert.Contains("index 4 for an axis of 4", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void More_elements_than_there_are_is_refused_at_load()
    {
        var model = ModelOf([("x", [2, 3])], new("k", Tensor.Vector(4L)), [new Node("top", "TopK", ["x", "k"], ["values", "indices"])], []);
        Assert.Contains("'top'", Assert.Throws<CaliperException>(() => Int8Session.FromModel(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Not_a_number_is_the_least_of_all()
    {
        var model = ModelOf([("x", [4])], new("k", Tensor.Vector(4L)), [new Node("top", "TopK", ["x", "k"], ["values", "indices"])], []);
        using var session = Int8Session.FromModel(model);
        var x = new Dictionary<string, Tensor> { ["x"] = Tensor.Vector(1f, float.NaN, 3f, float.NegativeInfinity) };
        Assert.Equal([2L, 0, 3, 1], session.Run(x)["indices"].Span<long>().ToArray());
    }

    private static void Check((string Name, long[] Shape)[] inputs, KeyValuePair<string, Tensor>? constant, params Node[] nodes)
    {
        var model = ModelOf(inputs, constant, nodes, []);
        var random = new Random(3);
        // Small whole numbers, so that many are equal.
        var feeds = inputs.ToDictionary(i => i.Name,
            i => Tensor.Of(Shape.Of(i.Shape),
                [.. Enumerable.Range(0, (int)i.Shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.Next(-6, 6))]));
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        var actual = Comparison.Run(model, feeds);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, tensor) in actual) Comparison.AssertSame(expected[name], tensor);
        Comparison.AssertSameEverywhere(model, feeds);
    }

    /// <summary>Places in a tensor, some counted from the end, none twice.</summary>
    private static KeyValuePair<string, Tensor> Places(string name, ReadOnlySpan<long> data, long[] shape)
    {
        var indices = new long[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < indices.Length; i++)
        {
            var (place, axis) = (i / shape[^1], i % shape[^1]);
            var length = data[(int)axis];
            indices[i] = (place + axis * place / 2) % length - (place % 2 == 0 ? 0 : length);
        }
        return new(name, Tensor.Of(Shape.Of(shape), indices));
    }

    private static Model ModelOf((string Name, long[] Shape)[] inputs, KeyValuePair<string, Tensor>? constant, Node[] nodes, Value[] more)
    {
        var constants = constant is { } one ? ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal).Add(one.Key, one.Value)
            : ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal);
        var graph = new Graph("places", [.. inputs.Select(i => new Value(i.Name, ElementType.Float32, Shape.Of(i.Shape))), .. more],
            [.. nodes.SelectMany(n => n.Outputs).Select(o => new Value(o, ElementType.Undefined, null))], nodes, constants);
        return new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 17)) { IrVersion = 8 };
    }
}
