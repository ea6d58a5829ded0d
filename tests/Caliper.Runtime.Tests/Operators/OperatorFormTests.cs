using Caliper.Engine.Importing;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Operators;
using Caliper.Runtime.Tests.Engine;

namespace Caliper.Runtime.Tests.Operators;

/// <summary>A node is held against its operator's form before anything else reads it.</summary>
public class OperatorFormTests
{
    [Fact]
    public void Every_operator_that_is_known_has_a_form()
    {
        var standard = RuleTable.Operators.Concat(OperatorTable.Operators("")).Concat(UnaryFunctions.Operators.Except(["FastGelu", "QuickGelu"]));
        Assert.DoesNotContain(standard, o => OperatorForms.Find("", o) is null);
        var microsoft = RuleTable.MicrosoftOperators.Concat(OperatorTable.Operators("com.microsoft"));
        Assert.DoesNotContain(microsoft, o => OperatorForms.Find("com.microsoft", o) is null);
    }

    [Theory]
    [InlineData("ReduceSum", "axes", 1)]
    [InlineData("ReduceMean", "axes", 1)]
    [InlineData("Squeeze", "axes", 1)]
    [InlineData("Unsqueeze", "axes", 1)]
    [InlineData("Split", "split", 1)]
    [InlineData("Slice", "starts", 1)]
    [InlineData("Slice", "ends", 2)]
    [InlineData("Slice", "axes", 3)]
    [InlineData("Pad", "pads", 1)]
    public void What_is_an_attribute_and_an_input_is_said_once(string opType, string attribute, int input)
    {
        var inputs = "x " + string.Join(' ', Enumerable.Range(1, input).Select(i => $"i{i}"));
        var model = new SmallModel(opType == "ReduceMean" ? 13 : 9).Input("x", 1, 4);
        for (var i = 1; i <= input; i++) model.Constant($"i{i}", Tensor.Vector(1L));
        var twice = model.Node(opType, inputs, "y", n => n.With(attribute, [0L])).Build("y");
        Refuses(twice, "twice|since version");
    }

    [Fact]
    public void What_became_an_input_is_no_attribute_any_more()
    {
        Refuses(new SmallModel(13).Input("x", 1, 4).Node("Squeeze", "x", "y", n => n.With("axes", [0L])).Build("y"), "since version 13");
        Refuses(new SmallModel(13).Input("x", 1, 4).Node("Pad", "x", "y", n => n.With("pads", 0, 0, 0, 0)).Build("y"), "since version 11");
        Refuses(new SmallModel(13).Input("x", 1, 4).Node("Slice", "x", "y").Build("y"), "leaves out");
    }

    [Theory]
    [InlineData("Conv", "x", "inputs")]
    [InlineData("Conv", "x x x x", "inputs")]
    [InlineData("Conv", "x -", "leaves out")]
    [InlineData("Relu", "x x", "inputs")]
    [InlineData("BatchNormalization", "x x x", "inputs")]
    [InlineData("Concat", "x - x", "leaves out")]
    [InlineData("If", "x x", "inputs")]
    [InlineData("If", "-", "leaves out")]
    [InlineData("Loop", "x", "inputs")]
    public void Inputs_are_as_many_as_the_operator_takes(string opType, string inputs, string message) =>
        Refuses(new SmallModel().Input("x", 1, 4, 4, 4).Node(opType, inputs, "y").Build("y"), message);

    [Theory]
    [InlineData("Relu", "y z")]
    [InlineData("DynamicQuantizeLinear", "y")]
    public void Outputs_are_as_many_as_the_operator_gives(string opType, string outputs) =>
        Refuses(new SmallModel().Input("x", 1, 4).Node(opType, "x", outputs).Build("y"), "outputs");

    [Fact]
    public void An_attribute_of_another_kind_is_refused_and_not_ignored()
    {
        Refuses(new SmallModel().Input("x", 2, 4).Node("ReduceMean", "x", "y", n => n.With("axes", 1L)).Build("y"), "'axes'");
        Refuses(new SmallModel().Input("x", 2, 4).Node("Softmax", "x", "y", n => n.With("axis", 1f)).Build("y"), "'axis'");
        Refuses(new SmallModel().Input("x", 2, 4).Node("Transpose", "x", "y", n => n.With("perm", "01")).Build("y"), "'perm'");
    }

    [Theory]
    [InlineData("ReduceMax", "axes", "0 0")]
    [InlineData("ReduceMax", "axes", "1 -1")]
    [InlineData("ReduceMax", "axes", "2")]
    [InlineData("ReduceMax", "axes", "-3")]
    [InlineData("Transpose", "perm", "0 0")]
    [InlineData("Transpose", "perm", "0 2")]
    [InlineData("Transpose", "perm", "0")]
    public void Axes_are_there_and_none_is_named_twice(string opType, string attribute, string axes) =>
        Refuses(
        new SmallModel().Input("x", 2, 4).Node(opType, "x", "y", n => n.With(attribute, [.. axes.Split(' ').Select(long.Parse)])).Build("y"),
        "has|names");

    [Fact]
    public void A_window_is_the_one_of_its_weights()
    {
        SmallModel Conv(Func<Node, Node> configure) =>
            new SmallModel().Input("x", 1, 2, 5, 5).Ones("w", 3, 2, 3, 3).Node("Conv", "x w", "y", configure);
        Refuses(Conv(n => n.With("kernel_shape", 3, 2)).Build("y"), "kernel");
        Refuses(Conv(n => n.With("kernel_shape", 3)).Build("y"), "kernel");
        Refuses(Conv(n => n.With("strides", 1)).Build("y"), "strides");
        Refuses(Conv(n => n.With("strides", 0, 1)).Build("y"), "stride");
        Refuses(Conv(n => n.With("pads", 1, 1, 1)).Build("y"), "pads");
        Refuses(Conv(n => n.With("pads", -1, 0, 0, 0)).Build("y"), "padding");
        Refuses(Conv(n => n.With("auto_pad", "SAME")).Build("y"), "auto_pad");
        Refuses(Conv(n => n.With("group", 2)).Build("y"), "groups");
    }

    private static void Refuses(Model model, string messages)
    {
        var error = Assert.Throws<CaliperException>(() => Int8Session.FromModel(model));
        Assert.Contains(messages.Split('|'), part => error.Message.Contains(part, StringComparison.Ordinal));
    }
}
