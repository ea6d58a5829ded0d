using Caliper.Graphs;

namespace Caliper.Tests.Flow;

/// <summary>Embeddings, class tokens, learned queries and position tables: what is moved is a constant.</summary>
public class ConstantDataTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_table_that_is_looked_up(int axis)
    {
        long[] shape = axis == 0 ? [20, 8] : [8, 20];
        using var model = new TestModel().Input(ElementType.Int64, "ids", -1, 6).Weights("table", 1, shape)
            .Node("Gather", "table ids", "rows", n => n.With("axis", axis))
            .NodeIf(axis == 1, "Transpose", "rows", "moved").NodeIf(axis == 0, "Identity", "rows", "moved")
            .Weights("w", 0.5f, 8, 5).Node("MatMul", "moved w", "y").Output(axis == 0 ? "y" : "moved").Build();
        var made = WholeFlow.Check(model, Ids(4, 6, 20));
        if (axis == 0) Assert.Equal(["y"], made);
    }

    [Fact]
    public void A_table_that_is_looked_up_and_multiplied_with()
    {
        using var model = new TestModel().Input(ElementType.Int64, "ids", -1, 6).Weights("table", 1, 20, 8).Weights("w", 0.5f, 8, 8)
            .Node("Gather", "table ids", "rows").Node("MatMul", "rows w", "h").Node("Relu", "h", "r")
            .Node("Transpose", "table", "t", n => n.With("perm", 1, 0)).Node("MatMul", "r t", "y").Output("y").Build();
        Assert.Equal(["h", "y"], WholeFlow.Check(model, Ids(4, 6, 20)));
    }

    [Theory]
    [InlineData("Add")]
    [InlineData("Mul")]
    [InlineData("MatMul")]
    public void A_position_table_cut_to_the_length_of_the_input(string operation)
    {
        using var model = new TestModel().Input("x", -1, 6, 8).Weights("w", 0.5f, 8, 8).Weights("positions", 1, 1, 40, 8)
            .Constant("zero", Tensor.Vector(0L)).Constant("axis", Tensor.Vector(operation == "MatMul" ? 2L : 1L)).Constant("one", Tensor.Vector(1L))
            .Node("Shape", "x", "shape").Node("Gather", "shape one", "length").Node("MatMul", "x w", "h")
            .Node("ReduceMax", "shape", "most", n => n.With("keepdims", 1)).Node("Min", "length most", "end")
            .Node("Slice", "positions zero end axis", "p").Node("Transpose", "p", "pt", n => n.With("perm", 0, 2, 1))
            .NodeIf(operation != "MatMul", operation, "h p", "s").NodeIf(operation == "MatMul", "Flatten", "h", "s")
            .Output("s").Output("p").Build();
        WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 6, 8), 2) });
    }

    [Theory]
    [InlineData("Concat")]
    [InlineData("Add")]
    public void A_class_token_repeated_for_each_sample(string join)
    {
        using var model = new TestModel().Input("x", -1, 6, 8).Weights("w", 0.5f, 8, 8).Weights("token", 1, 1, 1, 8)
            .Constant("zero", Tensor.Vector(0L)).Constant("rest", Tensor.Vector(1L, 8L))
            .Node("MatMul", "x w", "h").Node("Shape", "x", "shape").Node("Gather", "shape zero", "batch")
            .Node("Concat", "batch rest", "wanted", n => n.With("axis", 0)).Node("Expand", "token wanted", "tokens")
            .Node(join, "tokens h", "s", n => join == "Concat" ? n.With("axis", 1) : n).Weights("v", 0.5f, 8, 3)
            .Node("MatMul", "s v", "y").Output("y").Build();
        Assert.Contains("y", WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 6, 8), 2) }));
    }

    [Fact]
    public void A_learned_query_that_attends_to_the_input()
    {
        using var model = new TestModel().Input("x", -1, 6, 8).Weights("query", 1, 1, 3, 8).Constant("zero", Tensor.Vector(0L))
            .Constant("rest", Tensor.Vector(3L, 8L)).Node("Shape", "x", "shape").Node("Gather", "shape zero", "batch")
            .Node("Concat", "batch rest", "wanted", n => n.With("axis", 0)).Node("Expand", "query wanted", "q")
            .Node("Transpose", "x", "t", n => n.With("perm", 0, 2, 1)).Node("MatMul", "q t", "scores").Node("Softmax", "scores", "p")
            .Node("MatMul", "p x", "y").Output("y").Build();
        Assert.Contains("y", WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 6, 8), 1) }));
    }

    [Theory]
    [InlineData("Reshape", 4L, 4L)]
    [InlineData("Tile", 1L, 1L)]
    [InlineData("Unsqueeze", 0L, 3L)]
    public void Any_other_movement_of_a_constant_that_cannot_be_computed_before(string movement, long first, long second)
    {
        using var model = new TestModel().Input("x", -1, 4).Input(ElementType.Int64, "how", 2).Weights("c", 1, 2, 8).Weights("w", 0.5f, 4, 4)
            .Node("MatMul", "x w", "h").Node(movement, "c how", "m").Output("h").Output("m").Build();
        WholeFlow.Check(model, new()
        {
            ["x"] = new TestModel(7).RandomTensor(Shape.Of(2, 4), 2),
            ["how"] = Tensor.Vector(first, second),
        });
    }

    private static Dictionary<string, Tensor> Ids(int batch, int length, int rows)
    {
        var random = new Random(5);
        long[] ids = [.. Enumerable.Range(0, batch * length).Select(_ => (long)random.Next(rows))];
        return new() { ["ids"] = Tensor.Of(Shape.Of(batch, length), ids) };
    }
}
