using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Runtime.Tests.Graphs;

/// <summary>Folding remembers what became of a model's nodes: other sizes of the same model must give what they give alone.</summary>
public class ShapeFoldingTests
{
    [Fact]
    public void One_size_after_another_is_folded_as_each_alone()
    {
        var model = Model();
        foreach (var size in new[] { 5L, 7, 1, 5, 3, 1, 9 })
        {
            var alone = ShapeFolding.Fold(Sized(Model(), size));
            AssertSame(alone, ShapeFolding.Fold(Sized(model, size)));
            // What is folded again has nothing left, and is not mistaken for another size.
            AssertSame(alone, ShapeFolding.Fold(ShapeFolding.Fold(Sized(model, size))));
        }
    }

    [Fact]
    public void Other_constants_of_the_same_nodes_are_not_mistaken()
    {
        var model = Model();
        ShapeFolding.Fold(Sized(model, 5));
        var other = model.With(initializers: model.Initializers.SetItem("rest", Tensor.Vector(2L, -1)));
        var folded = ShapeFolding.Fold(Sized(other, 5));
        Assert.Equal("y: Float32 5×2×6", folded.Find("y")!.ToString());
        Assert.Equal([5L, 2, -1], folded.Constant("target")!.Span<long>().ToArray());
    }

    // x.view(x.size(0), 3, -1), and a part that depends on whether there is one sample.
    private static Graph Model() => new("g", [new Value("x", ElementType.Float32, new Shape([Dimension.Named("N"), 3, 4]))],
        [new Value("y", ElementType.Float32, null), new Value("z", ElementType.Float32, null)],
        [
            new Node("s", "Shape", ["x"], ["s"]),
            new Node("n", "Gather", ["s", "zero"], ["n"]).With("axis", 0),
            new Node("n1", "Unsqueeze", ["n", "zero1"], ["n1"]),
            new Node("target", "Concat", ["n1", "rest"], ["target"]).With("axis", 0),
            new Node("y", "Reshape", ["x", "target"], ["y"]),
            new Node("z", "Expand", ["one", "s"], ["z"]),
        ],
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["zero"] = Tensor.Scalar(0L),
            ["zero1"] = Tensor.Vector(0L),
            ["rest"] = Tensor.Vector(3L, -1),
            ["one"] = Tensor.Scalar(1f),
        }));

    private static Graph Sized(Graph model, long samples) =>
        model.With(inputs: [model.Inputs[0] with { Shape = Shape.Of(samples, 3, 4) }], outputs: model.Outputs, intermediates: []);

    private static void AssertSame(Graph expected, Graph actual)
    {
        Assert.Equal(expected.Nodes.Select(n => n.Name), actual.Nodes.Select(n => n.Name));
        Assert.Equal(expected.Inputs.Select(v => v.ToString()), actual.Inputs.Select(v => v.ToString()));
        Assert.Equal(expected.Outputs.Select(v => v.ToString()), actual.Outputs.Select(v => v.ToString()));
        Assert.Equal(expected.Intermediates.Select(v => v.ToString()), actual.Intermediates.Select(v => v.ToString()));
        Assert.Equal(expected.Initializers.Keys, actual.Initializers.Keys);
        foreach (var (name, tensor) in expected.Initializers)
        {
            Assert.Equal(tensor.Bytes.ToArray(), actual.Initializers[name].Bytes.ToArray());
            Assert.Equal(tensor.Bytes.ToArray(), actual.Constant(name)!.Bytes.ToArray());
        }
    }
}
