using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Scans, and loops and branches whose shapes only a turn knows. All as ONNX Runtime.</summary>
public class ScanTests
{
    private static readonly Value State = new("s", ElementType.Float32, null), Row = new("row", ElementType.Float32, null);

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(-1, -1, 0, 0)]
    [InlineData(2, -2, 1, 0)]
    public void Along_any_axis_in_both_directions(int inputAxis, int outputAxis, int inputDirection, int outputDirection)
    {
        // A running sum along an axis, its end, and all of it along another axis.
        long[] lengths = [4, 4, 4];
        lengths[inputAxis < 0 ? inputAxis + 3 : inputAxis] = 7;
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(lengths)), new("start", ElementType.Float32, Shape.Of(4, 4))], [],
            ["last", "sums"], Running("start x", "last sums").With("scan_input_axes", new long[] { inputAxis })
                .With("scan_output_axes", new long[] { outputAxis }).With("scan_input_directions", new long[] { inputDirection })
                .With("scan_output_directions", new long[] { outputDirection }));
        using var session = Int8Session.FromModel(model);
        Assert.All(session.Outputs, o => Assert.True(o.Shape!.Value.IsStatic));
        for (var seed = 0; seed < 2; seed++) StageRun.Check(model, session, Comparison.Feeds(model, seed));
    }

    [Fact]
    public void Several_states_and_inputs_and_what_lies_around()
    {
        // p' = p·a + w, q' = q + b; w lies outside.
        Value[] own = [.. new[] { "p", "q", "a", "b" }.Select(name => new Value(name, ElementType.Float32, null))];
        var body = StageModels.Body(own, [new("w", ElementType.Float32, null)], ["p2", "q2", "both"],
            new Node("m", "Mul", ["p", "a"], ["m"]), new Node("n", "Add", ["m", "w"], ["p2"]), new Node("o", "Add", ["q", "b"], ["q2"]),
            new Node("c", "Concat", ["p2", "q2"], ["both"]).With("axis", 0));
        var model = StageModels.Of(
            [.. new[] { "p0", "q0" }.Select(n => new Value(n, ElementType.Float32, Shape.Of(3))),
                new("as", ElementType.Float32, Shape.Of(5, 3)), new("bs", ElementType.Float32, Shape.Of(3, 5))],
            [("w0", Tensor.Vector(1f, -1, 0.5f))], ["p", "q", "all"], new Node("r", "Relu", ["w0"], ["w"]),
            new Node("scan", "Scan", ["p0", "q0", "as", "bs"], ["p", "q", "all"]).With("body", body).With("num_scan_inputs", 2)
                .With("scan_input_axes", new long[] { 0, 1 }).With("scan_input_directions", new long[] { 0, 1 }));
        using var session = Int8Session.FromModel(model);
        StageRun.Check(model, session, Comparison.Feeds(model, 2));
    }

    [Fact]
    public void Without_a_state_and_as_long_as_a_run_finds_places()
    {
        var body = StageModels.Body([Row], [], ["double"], new Node("a", "Add", ["row", "row"], ["double"]));
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(9))], [("order", Tensor.Vector(1L, 0L))], ["y"],
            new Node("r", "Relu", ["x"], ["r"]), new Node("n", "NonZero", ["r"], ["at"]), new Node("c", "Cast", ["at"], ["places"]).With("to", 1),
            new Node("s", "Scan", ["places"], ["y"]).With("body", body).With("num_scan_inputs", 1).With("scan_input_axes", new long[] { 1 }));
        using var session = Int8Session.FromModel(model);
        Assert.False(session.Outputs[0].Shape!.Value.IsStatic);
        for (var seed = 0; seed < 5; seed++) StageRun.Check(model, session, Comparison.Feeds(model, seed));
    }

    [Theory]
    [InlineData("num_scan_inputs", 0L, "goes along 0 of its 2 inputs")]
    [InlineData("num_scan_inputs", 3L, "goes along 3 of its 2 inputs")]
    [InlineData("num_scan_inputs", long.MinValue, "of its 2 inputs")]
    [InlineData("scan_input_axes", 3L, "goes along the axis 3 of a tensor of 3 axes")]
    [InlineData("scan_input_axes", long.MaxValue, "of a tensor of 3 axes")]
    [InlineData("scan_output_axes", -4L, "goes along the axis -4 of a tensor of 3 axes")]
    [InlineData("scan_input_directions", 2L, "has the direction 2, not 0 or 1")]
    [InlineData("scan_output_directions", -1L, "has the direction -1, not 0 or 1")]
    public void What_does_not_fit_is_one_error_that_names_the_node(string attribute, long value, string message)
    {
        var node = attribute == "num_scan_inputs" ? Running("start x", "last sums").With(attribute, value)
            : Running("start x", "last sums").With(attribute, new[] { value });
        Refuses(node, message);
    }

    [Fact]
    public void Inputs_outputs_and_bodies_that_do_not_belong_together_are_refused()
    {
        Refuses(Running("start x", "last sums").With("scan_input_axes", new long[] { 0, 1 }), "has 2 scan_input_axes where there must be 1");
        Refuses(Running("start x x", "last sums").With("num_scan_inputs", 2).With("scan_input_axes", new long[] { 0, 2 }),
            "different lengths, 7 and 4");
        Refuses(Running("_ x", "last sums"), "leaves out its input 1");
        Refuses(Running("start start x", "last"), "has 2 states, but 1 outputs");
        Refuses(Running("start start x", "last sums more"), "feeds 3 values to a body of 2");
        Refuses(Running("start x", "last sums more"), "has 3 outputs, but its body gives 2");
        Refuses(new Node("scan", "Scan", ["start", "x"], ["last", "sums"]).With("num_scan_inputs", 1), "has no body 'body'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Branches_that_are_nothing_but_a_constant(bool isOutside)
    {
        // A Constant of its own, or a weight of the network around it.
        var held = Tensor.Vector(1f, 2, 3);
        AttributeValue.Subgraph Of(string name, Tensor tensor) => isOutside
            ? StageModels.Body([], [new("w", ElementType.Float32, null)], [name], new Node(name, "Identity", ["w"], [name]))
            : StageModels.Body([], [], [name], new Node(name, "Constant", [], [name]).With("value", new AttributeValue.TensorValue(tensor)));
        var model = StageModels.Of([new("c", ElementType.Boolean, Shape.Scalar)], [("w", held)], ["y"],
            new Node("if", "If", ["c"], ["y"]).With("then_branch", Of("t", held)).With("else_branch", Of("e", Tensor.Vector(5f, 4, 3, 2, 1))));
        using var session = Int8Session.FromModel(model);
        foreach (var condition in new[] { true, false, true }) StageRun.Check(model, session, new() { ["c"] = Tensor.Scalar(condition) });
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void A_loop_that_cuts_by_its_turn(long turns)
    {
        // Of x the part up to the turn, its sum, and the sum of sums.
        var body = StageModels.Body(
            [new("i", ElementType.Int64, Shape.Scalar), new("go", ElementType.Boolean, Shape.Scalar), State],
            [new("x", ElementType.Float32, null), new("zero", ElementType.Int64, null), new("one", ElementType.Int64, null)],
            ["still", "next", "part"],
            new Node("k", "Identity", ["go"], ["still"]), new Node("u", "Unsqueeze", ["i", "zero"], ["from"]),
            new Node("e", "Add", ["from", "one"], ["to"]), new Node("c", "Slice", ["x", "zero", "to"], ["cut"]),
            new Node("r", "ReduceSum", ["cut"], ["part"]), new Node("a", "Add", ["s", "part"], ["next"]));
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(6)), new("turns", ElementType.Int64, Shape.Scalar)],
            [("start", Tensor.Vector(0f)), ("zero", Tensor.Vector(0L)), ("one", Tensor.Vector(1L))], ["last", "parts"],
            new Node("loop", "Loop", ["turns", "", "start"], ["last", "parts"]).With("body", body));
        using var session = Int8Session.FromModel(model);
        for (var seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            var x = Tensor.Vector([.. Enumerable.Range(0, 6).Select(_ => random.NextSingle() - 0.5f)]);
            StageRun.Check(model, session, new() { ["x"] = x, ["turns"] = Tensor.Scalar(turns) });
        }
    }

    private static Node Running(string inputs, string outputs) =>
        new Node("scan", "Scan", [.. inputs.Split(' ').Select(i => i == "_" ? "" : i)], [.. outputs.Split(' ')]).With("num_scan_inputs", 1)
            .With("body", StageModels.Body([State, Row], [], ["next", "sum"],
                new Node("a", "Add", ["s", "row"], ["next"]), new Node("i", "Identity", ["next"], ["sum"])));

    private static void Refuses(Node scan, string message)
    {
        var model = StageModels.Of([new("x", ElementType.Float32, Shape.Of(7, 4, 4)), new("start", ElementType.Float32, Shape.Of(4, 4))], [],
            [.. scan.Outputs], scan);
        var error = Assert.Throws<CaliperException>(() => Int8Session.FromModel(model)).Message;
        Assert.Contains("'scan'", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
