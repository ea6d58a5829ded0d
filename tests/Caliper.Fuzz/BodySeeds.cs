using Caliper.Conformance.Engine;
using Caliper.Graphs;

namespace Caliper.Fuzz;

/// <summary>Networks whose nodes have bodies.</summary>
internal static class BodySeeds
{
    private static readonly Value State = new("s", ElementType.Float32, null), Row = new("row", ElementType.Float32, null);

    public static IEnumerable<Model> All() => [Scan(), Loop(), If()];

    private static Model Scan() => StageModels.Of(
        [new("x", ElementType.Float32, Shape.Of(3, 5, 4)), new("start", ElementType.Float32, Shape.Of(3, 4))],
        [("w", Tensor.Scalar(0.5f))], ["last", "y"],
        new Node("scan", "Scan", ["start", "x"], ["last", "sums"]).With("num_scan_inputs", 1).With("scan_input_axes", new long[] { 1 })
            .With("scan_output_axes", new long[] { -1 }).With("scan_output_directions", new long[] { 1 })
            .With("body", StageModels.Body([State, Row], [new("w", ElementType.Float32, null)], ["next", "sum"],
                new Node("m", "Mul", ["s", "w"], ["m"]), new Node("a", "Add", ["m", "row"], ["next"]), new Node("i", "Relu", ["next"], ["sum"]))),
        new Node("relu", "Relu", ["sums"], ["y"]));

    private static Model Loop() => StageModels.Of(
        [new("x", ElementType.Float32, Shape.Of(6))],
        [("turns", Tensor.Scalar(4L)), ("start", Tensor.Vector(0f)), ("zero", Tensor.Vector(0L)), ("one", Tensor.Vector(1L))], ["last", "parts"],
        new Node("loop", "Loop", ["turns", "", "start"], ["last", "parts"]).With("body", StageModels.Body(
            [new("i", ElementType.Int64, Shape.Scalar), new("go", ElementType.Boolean, Shape.Scalar), State],
            [new("x", ElementType.Float32, null), new("zero", ElementType.Int64, null), new("one", ElementType.Int64, null)],
            ["still", "next", "part"], new Node("k", "Identity", ["go"], ["still"]), new Node("u", "Unsqueeze", ["i", "zero"], ["from"]),
            new Node("e", "Add", ["from", "one"], ["to"]), new Node("c", "Slice", ["x", "zero", "to"], ["cut"]),
            new Node("r", "ReduceSum", ["cut"], ["part"]), new Node("a", "Add", ["s", "part"], ["next"]))));

    private static Model If() => StageModels.Of(
        [new("x", ElementType.Float32, Shape.Of(2, 3)), new("c", ElementType.Boolean, Shape.Scalar)], [], ["y"],
        new Node("if", "If", ["c"], ["y"])
            .With("then_branch", StageModels.Body([Row with { Name = "x" }], [], "t", new Node("f", "Flatten", ["x"], ["t"])))
            .With("else_branch", StageModels.Body([], [], "e",
                new Node("e", "Constant", [], ["e"]).With("value", new AttributeValue.TensorValue(Tensor.Vector(1f, 2, 3))))));
}
