using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Tests;

/// <summary>Where numbers choose what stands where, a network is judged by what the choice reads; the graph alone decides.</summary>
public class RowChoicesTests
{
    [Fact]
    public void After_NonMaxSuppression_boxes_and_scores_are_judged()
    {
        using var model = Detector().Constant("column", Tensor.Scalar(2L))
            .Node("Gather", "picked column", "at", n => n.With("axis", 1)).Node("Squeeze", "boxes", "all", n => n.With("axes", [0L]))
            .Node("Gather", "all at", "best").Node("Cast", "picked", "numbers", n => n.With("to", 1)).Output("best").Output("numbers").Build(11);
        Assert.Equal(["boxes", "scores"], JudgedBy(model));
        var choices = RowChoices.Of(model.Model.Graph);
        Assert.True(choices is { HasAny: true } && choices.IsChosen("best") && !choices.IsChosen("boxes"));
        Assert.Equal((4L, 3L), (choices.RowLength("best"), choices.RowLength("numbers")));
    }

    [Fact]
    public void The_same_numbers_in_another_order_are_judged_once()
    {
        using var model = Start().Constant("half", Tensor.Scalar(0.5f)).Node("Relu", "c", "r").Node("Add", "c half", "d")
            .Node("Concat", "r d", "rd", n => n.With("axis", 1)).Node("Concat", "d r", "dr", n => n.With("axis", 1))
            .Node("Transpose", "rd", "turned", n => n.With("perm", 0, 2, 3, 1)).Node("NonZero", "turned", "at").Node("NonZero", "dr", "other")
            .Output("at", ElementType.Int64).Output("other", ElementType.Int64).Build();
        Assert.Single(JudgedBy(model));
    }

    [Fact]
    public void What_a_threshold_lets_pass_is_judged_before_it_is_compared()
    {
        using var model = Start().Constant("half", Tensor.Scalar(0.5f)).Node("Sigmoid", "c", "s").Node("Greater", "s half", "is")
            .Node("NonZero", "is", "at").Node("Transpose", "at", "rows", n => n.With("perm", 1, 0))
            .Node("GatherND", "c rows", "y").Output("y").Build();
        Assert.Equal(["c", "s"], JudgedBy(model));
    }

    [Theory]
    [InlineData("ArgMax")]
    [InlineData("ArgMin")]
    public void Names_of_classes_are_judged_by_what_is_ranked(string ranking)
    {
        using var model = Start().Node(ranking, "c", "name", n => n.With("axis", 1))
            .Node("Cast", "name", "y", n => n.With("to", 1)).Output("y").Build();
        Assert.Equal(["c"], JudgedBy(model));
        Assert.Null(RowChoices.Of(model.Model.Graph).RowLength("y"));
    }

    [Fact]
    public void Of_the_greatest_the_values_have_their_places_and_what_they_point_to_has_none()
    {
        using var model = Start().Constant("k", Tensor.Vector(2L)).Node("Flatten", "c", "f").Node("TopK", "f k", "best at")
            .Node("GatherElements", "f at", "y", n => n.With("axis", 1)).Output("best").Output("y").Build();
        Assert.Equal(["best", "f"], JudgedBy(model));
    }

    [Fact]
    public void A_network_that_goes_on_computing_is_judged_at_its_end()
    {
        using var model = Start().Constant("codes", Tensor.Of(Shape.Of(4, 8), new float[32])).Weights("v", 1, 8, 8)
            .Node("ArgMin", "c", "code", n => n.With("axis", 1).With("keepdims", 0)).Node("Gather", "codes code", "looked")
            .Node("MatMul", "looked v", "y").Output("y").Build();
        Assert.Equal(["y"], JudgedBy(model));
    }

    [Fact]
    public void Rows_that_are_chosen_stay_chosen_whatever_is_computed_of_them()
    {
        using var model = Segments();
        Assert.Equal(["boxes", "scores"], JudgedBy(model));
    }

    [Fact]
    public void What_is_written_into_a_whole_tensor_has_places_again()
    {
        // Experts: each computes the rows that it is given, and the results are put where the rows were.
        using var model = Start().Weights("v", 1, 2, 4).Weights("u", 1, 4, 4).Constant("zeros", Tensor.Of(Shape.Of(4, 2), new float[8]))
            .Node("ReduceMean", "c", "m", n => n.With("axes", 0, 2, 3).With("keepdims", 0)).Node("NonZero", "m", "at")
            .Node("Transpose", "at", "rows", n => n.With("perm", 1, 0)).Node("GatherND", "zeros rows", "some").Node("MatMul", "some v", "expert")
            .Constant("whole", Tensor.Of(Shape.Of(4, 4), new float[16])).Node("ScatterND", "whole rows expert", "back").Node("MatMul", "back u", "y")
            .Output("y").Build();
        Assert.Equal(["y"], JudgedBy(model));
    }

    [Fact]
    public void Lengths_that_numbers_say_are_chosen()
    {
        using var model = Start().Constant("zero", Tensor.Scalar(0L)).Constant("one", Tensor.Scalar(1L))
            .Node("ReduceMax", "c", "longest", n => n.With("keepdims", 0)).Node("Ceil", "longest", "whole")
            .Node("Cast", "whole", "length", n => n.With("to", 7))
            .Node("Range", "zero length one", "steps").Node("Cast", "steps", "y", n => n.With("to", 1)).Output("y").Build();
        Assert.Equal(["longest"], JudgedBy(model));
    }

    [Fact]
    public void What_nothing_rounds_chooses_the_same_in_both_networks()
    {
        // As exporters count places by a shape, and as a mask that is fed says which tokens there are.
        using var model = Start().Input(ElementType.Int64, "mask", 1, 8).Node("Shape", "c", "shape")
            .Node("ConstantOfShape", "shape", "filled").Node("NonZero", "filled", "places").Node("Cast", "places", "p", n => n.With("to", 1))
            .Node("NonZero", "mask", "tokens").Node("Cast", "tokens", "t", n => n.With("to", 1)).Output("p").Output("t").Build();
        Assert.Equal(["p", "t"], JudgedBy(model));
        Assert.False(RowChoices.Of(model.Model.Graph).HasAny);
    }

    [Fact]
    public void Beside_a_choice_an_output_of_fixed_places_stays_as_it_is()
    {
        using var model = Detector().Node("Relu", "c", "fixed").Output("picked", ElementType.Int64).Output("fixed").Build(11);
        Assert.Equal(["boxes", "scores", "fixed"], JudgedBy(model));
    }

    [Fact]
    public void An_output_of_whole_numbers_is_judged_by_the_floats_it_is_made_of()
    {
        using var model = Start().Constant("levels", Tensor.Scalar(255f)).Node("Sigmoid", "c", "light").Node("Mul", "light levels", "pixels")
            .Node("Cast", "pixels", "image", n => n.With("to", 2)).Output("image", ElementType.UInt8).Build();
        Assert.Equal(["pixels"], JudgedBy(model));
        Assert.Null(RowChoices.Of(model.Model.Graph).RowLength("image"));
    }

    [Fact]
    public void Nothing_after_the_choice_becomes_int8()
    {
        using var model = Segments();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Assert.Equal((false, "result"), (prepared.Plan.Layers.Single(l => l.Layer.Output == "y").IsInteger,
            prepared.Plan.Layers.Single(l => l.Layer.Output == "y").Diagnostic!.Code));
        Assert.All(prepared.Plan.Layers.Where(l => l.Layer.OpType is "Conv"), l => Assert.True(l.IsInteger));
    }

    /// <summary>A product of the rows that are chosen, as the masks of a segmentation network.</summary>
    private static FloatModel Segments() => Detector().Constant("column", Tensor.Scalar(2L)).Weights("v", 1, 4, 4)
        .Node("Gather", "picked column", "at", n => n.With("axis", 1)).Node("Squeeze", "boxes", "all", n => n.With("axes", [0L]))
        .Node("Gather", "all at", "best").Node("MatMul", "best v", "y").Output("y").Build(11);

    private static IEnumerable<string> JudgedBy(FloatModel model) => RowChoices.Of(model.Model.Graph).Judged.Select(v => v.Name);

    private static TestModel Start() => new TestModel().Input("x", 1, 3, 8, 8).Weights("w", 1, 4, 3, 3, 3).Node("Conv", "x w", "c");

    private static TestModel Detector() => Start().Weights("w2", 1, 2, 3, 3, 3).Node("Conv", "x w2", "s2").Node("Relu", "c", "positive")
        .Constant("four", Tensor.Vector(1L, 36, 4)).Constant("two", Tensor.Vector(1L, 2, 36)).Constant("most", Tensor.Scalar(5L))
        .Node("Reshape", "positive four", "boxes").Node("Reshape", "s2 two", "scores").Node("NonMaxSuppression", "boxes scores most", "picked");
}
