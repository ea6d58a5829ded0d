using Caliper.Conformance.Onnx;
using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Networks of which only a run knows what follows: boxes that are left, branches that are taken, loops that turn. All as ONNX Runtime,
/// run after run.</summary>
public class StageTests
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 3, 0)]
    [InlineData(3, 2, 1)]
    public void The_best_of_boxes_that_overlap(int batch, int classes, int centered)
    {
        var random = new Random(classes);
        var model = StageModels.Of(
            [new("boxes", ElementType.Float32, Shape.Of(batch, 40, 4)), new("scores", ElementType.Float32, Shape.Of(batch, classes, 40)),
                new("most", ElementType.Int64, Shape.Of(1))],
            [("overlap", Tensor.Vector(0.4f)), ("least", Tensor.Vector(0.3f)), ("column", Tensor.Scalar(2L))],
            ["picked", "best"],
            new Node("nms", "NonMaxSuppression", ["boxes", "scores", "most", "overlap", "least"], ["picked"]).With("center_point_box", centered),
            new Node("places", "Gather", ["picked", "column"], ["places"]).With("axis", 1),
            new Node("rows", "Gather", ["boxes", "places"], ["rows"]).With("axis", 1),
            new Node("double", "Add", ["rows", "rows"], ["best"]));
        using var session = Int8Session.FromModel(model);
        Assert.False(session.Outputs[0].Shape!.Value.IsStatic);
        for (var run = 0; run < 6; run++)
        {
            // Scores of few steps, so that many are equal; the last run keeps none.
            var scores = Tensor.Of(Shape.Of(batch, classes, 40),
                [.. Enumerable.Range(0, batch * classes * 40).Select(_ => run == 5 ? 0.1f : random.Next(10) / 10f)]);
            var boxes = Tensor.Of(Shape.Of(batch, 40, 4), [.. Enumerable.Range(0, batch * 160).Select(_ => random.Next(8) + random.NextSingle())]);
            StageRun.Check(model, session, new() { ["boxes"] = boxes, ["scores"] = scores, ["most"] = Tensor.Vector((long)(run * 4)) });
        }
    }

    [Fact]
    public void Places_that_are_not_0()
    {
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(3, 5))], [], ["at", "turned"],
            new Node("relu", "Relu", ["x"], ["r"]), new Node("n", "NonZero", ["r"], ["at"]), new Node("t", "Transpose", ["at"], ["turned"]));
        using var session = Int8Session.FromModel(model);
        for (var seed = 0; seed < 4; seed++) StageRun.Check(model, session, Comparison.Feeds(model, seed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Branches_of_other_shapes(bool isRepeated)
    {
        var model = Bodies.Conditional(new Node("n1", "Relu", ["x"], ["t"]),
            [new Node("n1", "ReduceMean", ["x"], ["e"]).With("axes", [0L])], Shape.Of(2, 5));
        using var session = Int8Session.FromModel(model);
        foreach (var condition in isRepeated ? new[] { true, false, true } : [false])
        {
            var feeds = Comparison.Feeds(model, 3);
            feeds["c"] = Tensor.Scalar(condition);
            StageRun.Check(model, session, feeds);
        }
    }

    [Fact]
    public void A_branch_in_a_branch()
    {
        // if a then (if b then x·x else −x) else 2·x
        var x = new Value("x", ElementType.Float32, Shape.Of(2, 3));
        var b = new Value("b", ElementType.Boolean, Shape.Scalar);
        var inner = new Node("inner", "If", ["b"], ["i"]).With("then_branch", StageModels.Body([x], [], "p", new Node("m", "Mul", ["x", "x"], ["p"])))
            .With("else_branch", StageModels.Body([x], [], "q", new Node("n", "Neg", ["x"], ["q"])));
        var model = StageModels.Of([x, new("a", ElementType.Boolean, Shape.Scalar), b], [], ["y"],
            new Node("outer", "If", ["a"], ["o"]).With("then_branch", StageModels.Body([x, b], [], "i", inner))
                .With("else_branch", StageModels.Body([x], [], "d", new Node("d", "Add", ["x", "x"], ["d"]))),
            new Node("after", "Relu", ["o"], ["y"]));
        using var session = Int8Session.FromModel(model);
        foreach (var (one, two) in new[] { (true, true), (true, false), (false, false), (false, true) })
        {
            var feeds = Comparison.Feeds(model, 7);
            (feeds["a"], feeds["b"]) = (Tensor.Scalar(one), Tensor.Scalar(two));
            StageRun.Check(model, session, feeds);
        }
        Assert.True(session.Outputs[0].Shape!.Value.IsStatic);
    }

    [Fact]
    public void A_branch_that_is_known_from_shapes_leaves_one_plan()
    {
        var x = new Value("x", ElementType.Float32, Shape.Of(2, 3));
        var model = StageModels.Of([x], [("two", Tensor.Scalar(2L)), ("axis", Tensor.Scalar(0L))], ["y"],
            new Node("s", "Shape", ["x"], ["s"]), new Node("g", "Gather", ["s", "axis"], ["g"]), new Node("e", "Equal", ["g", "two"], ["c"]),
            new Node("if", "If", ["c"], ["y"]).With("then_branch", StageModels.Body([x], [], "t", new Node("r", "Relu", ["x"], ["t"])))
                .With("else_branch", StageModels.Body([x], [], "f", new Node("r", "Flatten", ["x"], ["f"]))));
        using var session = Int8Session.FromModel(model);
        Assert.NotEmpty(session.Describe().Steps);
        var feeds = Comparison.Feeds(model, 1);
        session.Run(feeds["x"].Span<float>(), new float[6]);
        StageRun.Check(model, session, feeds);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public void A_loop_with_a_state_and_what_it_collects(long turns, bool condition)
    {
        var state = new Value("s", ElementType.Float32, Shape.Of(2, 3));
        var body = StageModels.Body([new("i", ElementType.Int64, Shape.Scalar), new("go", ElementType.Boolean, Shape.Scalar), state],
            [new("x", ElementType.Float32, Shape.Of(2, 3))],
            ["still", "next", "row"],
            new Node("k", "Identity", ["go"], ["still"]), new Node("a", "Add", ["s", "x"], ["next"]),
            new Node("r", "ReduceSum", ["next"], ["row"]).With("keepdims", 0));
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(2, 3)), new("turns", ElementType.Int64, Shape.Scalar),
                new("go", ElementType.Boolean, Shape.Scalar)],
            [("start", Tensor.Of(Shape.Of(2, 3), new float[6]))], ["last", "rows"],
            new Node("loop", "Loop", ["turns", "go", "start"], ["last", "rows"]).With("body", body));
        using var session = Int8Session.FromModel(model);
        var x = Tensor.Of(Shape.Of(2, 3), [1f, -2, 3, -4, 5, 0.5f]);
        StageRun.Check(model, session, new() { ["x"] = x, ["turns"] = Tensor.Scalar(turns), ["go"] = Tensor.Scalar(condition) });
    }

    [Fact]
    public void Hostile_numbers_end_the_run_and_the_next_one_is_fine()
    {
        var model = StageModels.Of(
            [new("boxes", ElementType.Float32, Shape.Of(1, 4, 4)), new("scores", ElementType.Float32, Shape.Of(1, 1, 4)),
                new("overlap", ElementType.Float32, Shape.Of(1))],
            [("most", Tensor.Vector(long.MaxValue))], ["y"], new Node("nms", "NonMaxSuppression", ["boxes", "scores", "most", "overlap"], ["y"]));
        using var session = Int8Session.FromModel(model);
        var feeds = Comparison.Feeds(model, 1);
        feeds["scores"] = Tensor.Of(Shape.Of(1, 1, 4), [float.NaN, 1, float.PositiveInfinity, float.NegativeInfinity]);
        feeds["boxes"] = Tensor.Of(Shape.Of(1, 4, 4), [.. Enumerable.Range(0, 16).Select(i => i % 3 == 0 ? float.NaN : float.MaxValue)]);
        foreach (var wrong in new[] { 2, -1, float.NaN })
        {
            feeds["overlap"] = Tensor.Vector(wrong);
            Assert.Contains("'nms'", Assert.Throws<CaliperException>(() => session.Run(feeds)).Message, StringComparison.Ordinal);
        }
        feeds["overlap"] = Tensor.Vector(0.5f);
        Assert.InRange(session.Run(feeds)["y"].Shape[0].Length, 1, 4);
        Assert.Throws<CaliperException>(() => session.Run(feeds, new Dictionary<string, Memory<byte>> { ["y"] = new byte[24] }));
    }
}
