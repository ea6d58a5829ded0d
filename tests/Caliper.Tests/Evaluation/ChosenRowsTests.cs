using Caliper.Analysis;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Search;
using Caliper.Tests;

namespace Caliper.Evaluation.Tests;

/// <summary>Rows that numbers choose are counted, and what the choice reads is compared.</summary>
public class ChosenRowsTests
{
    [Fact]
    public void A_network_has_its_own_rows_and_is_judged_as_where_rows_differ()
    {
        using FloatModel one = Network(0), other = Network(0.2f);
        var (same, different) = (Compare(one, one), Compare(one, other));
        Assert.Equal(["s"], same.Sqnr.Select(o => o.Output));
        Assert.Equal(["s"], different.Sqnr.Select(o => o.Output));
        Assert.Equal(double.PositiveInfinity, same.Sqnr[0].Decibels);
        Assert.True(double.IsFinite(different.Sqnr[0].Decibels));
        var rows = Assert.Single(same.Rows);
        Assert.Equal(("y", rows.Reference), (rows.Output, rows.Candidate));
        Assert.True(rows.Reference > 0 && Assert.Single(different.Rows).Candidate > rows.Reference);
    }

    [Fact]
    public void What_the_choice_reads_is_left_out_where_the_other_model_has_it_not()
    {
        using var one = Network(0);
        var stranger = new StubModel(x => Tensor.Of(Shape.Of(3), [1f, 2, 3]), "y");
        var result = Compare(one, stranger);
        Assert.Empty(result.Sqnr);
        Assert.Equal(9, Assert.Single(result.Rows).Candidate);
    }

    [Fact]
    public void Nothing_is_measured_of_rows_but_what_is_named()
    {
        using var model = Network(0);
        Assert.Null(Evaluator.Evaluate(model, new CrossEntropyLoss(), Data(labels: true)).Loss);
        Assert.Throws<CaliperException>(() => Evaluator.Evaluate(model, new CrossEntropyLoss(), Data(labels: true), output: "y"));
    }

    [Fact]
    public void A_search_and_a_comparison_of_layers_see_what_the_choice_reads()
    {
        using var model = Network(0);
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, Data());
        var found = RecipeSearch.Find(prepared, Data());
        Assert.True(double.IsFinite(found.Candidates[0].Step.Decibels));
        using var int8 = prepared.Convert();
        var report = LayerComparison.Compare(prepared.Fused, int8, Data());
        Assert.Equal("s", Assert.Single(report.Outputs).Output);
        Assert.All(report.Tensors, t => Assert.True(t.OutputDecibels > 0));
        Assert.Single(report.Evaluation!.Rows);
    }

    private static ComparisonResult Compare(IModel one, IModel other) => ModelComparison.Compare(one, other, null, Data());

    private static Batch[] Data(bool labels = false) => [.. Enumerable.Range(0, 3).Select(seed => Batch.Of(
        new TestModel(seed + 5).RandomTensor(Shape.Of(1, 3, 8, 8), 1), labels ? [0] : null))];

    /// <summary>Where scores are above a half, the features that lie there.</summary>
    private static FloatModel Network(float shift) => new TestModel().Input("x", 1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
        .Weights("w", 1, 4, 4, 1, 1).Node("Conv", "a.relu w", "c").Constant("shift", Tensor.Scalar(shift)).Node("Add", "c shift", "d")
        .Node("Sigmoid", "d", "s").Constant("half", Tensor.Scalar(0.5f)).Node("Greater", "s half", "is").Node("NonZero", "is", "at")
        .Node("Transpose", "at", "rows", n => n.With("perm", 1, 0)).Node("GatherND", "s rows", "y").Output("y").Build();
}
