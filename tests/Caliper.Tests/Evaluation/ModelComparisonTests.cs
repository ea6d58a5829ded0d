using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Evaluation.Tests;

public class ModelComparisonTests
{
    private static readonly Batch[] s_batches = [StubModel.Rows([0, 1], [3, 1], [1, 3]), StubModel.Rows([1], [1, 2])];

    private static StubModel Shift(float by, params string[] outputs) =>
        new(x => Tensor.Of(x.Shape, x.Span<float>().ToArray().Select((v, i) => i % 2 == 0 ? v + by : v).ToArray()), outputs);

    [Fact]
    public void A_model_agrees_with_itself_without_noise()
    {
        var result = ModelComparison.Compare(StubModel.Identity, StubModel.Identity, null, s_batches);
        Assert.Equal((100.0, 0.0), (result.Agreement, result.Acc1Drop));
        Assert.Equal([new OutputSqnr("logits", double.PositiveInfinity) { LeastCosine = 1 }], result.Sqnr);
    }

    [Fact]
    public void Agreement_noise_and_both_accuracies_come_from_one_pass()
    {
        var (reference, candidate) = (new StubModel(x => x), Shift(1.5f));
        var result = ModelComparison.Compare(reference, candidate, new CrossEntropyLoss(), s_batches);
        Assert.Equal(200.0 / 3, result.Agreement!.Value, 1e-12);
        Assert.Equal(100.0 / 3, result.Acc1Drop!.Value, 1e-12);
        Assert.Equal(10 * Math.Log10((9 + 1 + 1 + 9 + 1 + 4) / (3 * 1.5 * 1.5)), result.Sqnr.Single().Decibels, 1e-12);
        Assert.Equal((2, 2, 3), (reference.Calls, candidate.Calls, result.Candidate.Samples));
        Assert.True(result.Candidate.Loss > result.Reference.Loss);
    }

    [Fact]
    public void The_sample_with_the_most_noise_is_named_with_what_the_others_have()
    {
        var candidate = new StubModel(x => Tensor.Of(x.Shape, [.. x.Span<float>().ToArray().Select(v => v == 9 ? v + 4 : v + 1)]));
        Batch[] batches = [StubModel.Rows([0, 1], [3, 1], [9, 3]), StubModel.Rows([1], [1, 2])];
        foreach (var (data, name) in new[] { (batches, "#1"), ([.. batches.Reverse()], "#2") })
        {
            var noisiest = ModelComparison.Compare(StubModel.Identity, candidate, null, data).Sqnr.Single().Noisiest!;
            Assert.Equal(name, noisiest.Name);
            Assert.Equal(17.0 / 21, noisiest.Share, 1e-12);
            Assert.Equal(10 * Math.Log10((9 + 1 + 1 + 4) / 4.0), noisiest.DecibelsWithout, 1e-12);
        }
    }

    [Fact]
    public void Outputs_are_matched_by_name_and_else_by_position()
    {
        var two = new StubModel(x => x, "a", "b");
        foreach (var candidate in new[] { Shift(1, "b", "a"), Shift(1, "a_q", "b_q") })
            Assert.Equal(["a", "b"], ModelComparison.Compare(two, candidate, null, s_batches).Sqnr.Select(s => s.Output));
        Assert.Contains("one returns a, b, the other c", Assert.Throws<CaliperException>(
            () => ModelComparison.Compare(two, Shift(1, "c"), null, s_batches)).Message);
    }

    [Fact]
    public void What_holds_no_class_scores_has_noise_but_no_agreement()
    {
        var boxes = new StubModel(x => x.Reshape(Shape.Of(1, x.Count, 1)));
        var result = ModelComparison.Compare(boxes, boxes, null, [s_batches[0]]);
        Assert.Null(result.Agreement);
        Assert.Null(result.Acc1Drop);
        Assert.Single(result.Sqnr);
    }

    [Fact]
    public void Outputs_of_different_shapes_are_refused_by_name() =>
        Assert.Contains("'logits'", Assert.Throws<CaliperException>(() => ModelComparison.Compare(
            StubModel.Identity, new StubModel(x => Tensor.Of(Shape.Of(1), new float[1])), null, s_batches)).Message);

    [Fact]
    public void Noise_ratios_have_the_limits_their_formula_has()
    {
        var silent = new SqnrMeter();
        silent.Update([0, 0], [1, 0]);
        Assert.Equal(double.NegativeInfinity, silent.Decibels);
        var broken = new SqnrMeter();
        broken.Update([1], [float.NaN]);
        Assert.True(double.IsNaN(broken.Decibels));
        Assert.Throws<ArgumentException>(() => silent.Update([1], []));
    }
}
