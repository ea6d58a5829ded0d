using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Tokens, masks and positions: int64, int32 and truth values in the engine, bit for bit as in ONNX Runtime.</summary>
public class WholeNumberTests
{
    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    public void Arithmetic_with_broadcasting(ElementType type) => Check(["a", "b"], type, [[2, 3, 7], [3, 1]],
    [
        Node("Add", "sum", "a", "b"), Node("Sub", "difference", "a", "b"), Node("Mul", "product", "a", "b"), Node("Max", "most", "a", "b"),
        Node("Min", "least", "a", "b"), Node("Mod", "rest", "a", "b"), Node("Div", "quotient", "a", "b"),
    ]);

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Float32)]
    public void Comparisons_and_what_follows_from_them(ElementType type) => Check(["a", "b"], type, [[4, 17], [17]],
    [
        Node("Equal", "same", "a", "b"), Node("Less", "less", "a", "b"), Node("GreaterOrEqual", "more", "a", "b"), Node("Greater", "g", "a", "b"),
        Node("LessOrEqual", "l", "a", "b"), Node("Not", "not", "same"), Node("And", "and", "not", "l"), Node("Or", "or", "g", "same"),
        Node("Xor", "xor", "g", "l"), Node("Where", "chosen", "and", "a", "b"),
    ]);

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    public void Casts_and_movements(ElementType type) => Check(["a"], type, [[3, 4, 5]],
    [
        Node("Cast", "real", "a").With("to", (long)ElementType.Float32), Node("Cast", "back", "real").With("to", (long)ElementType.Int32),
        Node("Cast", "wide", "back").With("to", (long)ElementType.Int64), Node("Cast", "truth", "wide").With("to", (long)ElementType.Boolean),
        Node("Cast", "bit", "truth").With("to", (long)ElementType.Float32), Node("Transpose", "turned", "wide").With("perm", 2, 0, 1),
        Node("Concat", "twice", "wide", "wide").With("axis", 1), Node("Flatten", "flat", "a"),
    ]);

    [Theory]
    [InlineData(0, ElementType.Int64)]
    [InlineData(1, ElementType.Int32)]
    public void Rows_of_a_table_at_places_that_are_fed(int axis, ElementType type) => Check(["ids"], type, [[2, 5]],
        [Node("Gather", "rows", "table", "ids").With("axis", axis), Node("Gather", "numbers", "lengths", "ids")], positive: true);

    [Fact]
    public void A_place_outside_of_the_table_ends_the_run_and_the_next_one_is_fine()
    {
        var model = ModelOf(["ids"], ElementType.Int64, [[1, 2]], [Node("Gather", "rows", "table", "ids")]);
        foreach (var threads in new[] { 1, 3 })
        {
            using var session = Int8Session.FromModel(model, new Int8SessionOptions { Threads = threads, Guard = MemoryGuard.After });
            foreach (var wrong in new[] { 9L, -10, long.MaxValue, long.MinValue })
            {
                var error = Assert.Throws<CaliperException>(() => session.Run(Ids(0, wrong)));
                Assert.Contains($"index {wrong}", error.Message, StringComparison.Ordinal);
            }
            Assert.Equal(2 * 13, session.Run(Ids(-9, 8))["rows"].Count);
        }

        static Dictionary<string, Tensor> Ids(params long[] ids) => new() { ["ids"] = Tensor.Of(Shape.Of(1, 2), ids) };
    }

    [Fact]
    public void An_embedding_of_bytes_reaches_a_layer()
    {
        var b = new QdqBuilder(5) { Signed = true };
        var ids = b.Whole(ElementType.Int64, 2, 6);
        var rows = b.Keep("Gather", [b.Bytes(9, 16)], null, ids);
        var model = b.Build(asFloats: false, b.MatMul(rows, 16, 10));
        var feeds = Feeds(model, positive: true);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        foreach (var (name, tensor) in Comparison.Run(model, feeds)) Comparison.AssertSame(expected[name], tensor);
        Comparison.AssertSameEverywhere(model, feeds);
    }

    private static Node Node(string operation, string output, params string[] inputs) => new(output, operation, [.. inputs], [output]);

    private static void Check(string[] inputs, ElementType type, long[][] shapes, Node[] nodes, bool positive = false)
    {
        var model = ModelOf(inputs, type, shapes, nodes);
        var feeds = Feeds(model, positive);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        var actual = Comparison.Run(model, feeds);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, tensor) in actual) Comparison.AssertSame(expected[name], tensor);
        Comparison.AssertSameEverywhere(model, feeds);
    }

    private static Model ModelOf(string[] inputs, ElementType type, long[][] shapes, Node[] nodes)
    {
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["table"] = Tensor.Of(Shape.Of(9, 13), [.. Enumerable.Range(0, 9 * 13).Select(i => i * 0.5f)]),
            ["lengths"] = Tensor.Vector([.. Enumerable.Range(0, 9).Select(i => i * 1_000_000_007L)]),
        });
        var graph = new Graph("whole", [.. inputs.Select((name, i) => new Value(name, type, Shape.Of(shapes[i])))],
            [.. nodes.Select(n => new Value(n.Output, ElementType.Undefined, null))], nodes, constants);
        return new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 17)) { IrVersion = 8 };
    }

    private static Dictionary<string, Tensor> Feeds(Model model, bool positive)
    {
        var random = new Random(3);
        return model.Graph.Inputs.ToDictionary(i => i.Name, i =>
        {
            // Small, so that some are equal; never 0, by which nobody divides.
            var numbers = Enumerable.Range(0, (int)i.Shape!.Value.ElementCount)
                .Select(_ => positive ? random.Next(9) : random.Next(1, 6) * (random.Next(2) * 2 - 1)).ToArray();
            return i.Type switch
            {
                ElementType.Int64 => Tensor.Of(i.Shape.Value, [.. numbers.Select(n => (long)n)]),
                ElementType.Int32 => Tensor.Of(i.Shape.Value, numbers),
                _ => Tensor.Of(i.Shape.Value, [.. numbers.Select(n => (float)n)]),
            };
        });
    }
}
