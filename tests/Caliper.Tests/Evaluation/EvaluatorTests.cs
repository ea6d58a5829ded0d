using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Evaluation.Tests;

public class EvaluatorTests
{
    private static readonly Batch[] s_batches =
    [
        StubModel.Rows([0, 1], [9, 1, 0, 0, 0, 0], [9, 1, 0, 0, 0, 0]),
        StubModel.Rows([5], [9, 1, 0, 0, 0, 0]),
    ];

    [Fact]
    public void Accuracy_and_loss_weigh_every_sample_the_same()
    {
        var result = Evaluator.Evaluate(StubModel.Identity, new CrossEntropyLoss(), s_batches);
        var logSum = Math.Log(Math.Exp(9) + Math.E + 4);
        Assert.Equal((3, 2), (result.Samples, result.Batches));
        Assert.Equal(100.0 / 3, result.Acc1!.Value, 1e-12);
        Assert.Equal(200.0 / 3, result.Acc5!.Value, 1e-12);
        Assert.Equal((logSum - 9 + logSum - 1 + logSum) / 3, result.Loss!.Value, 1e-12);
        Assert.Equal("3 samples, Acc@1 33.33, Acc@5 66.67, Loss 5.6675", result.ToString());
    }

    [Fact]
    public void The_number_of_batches_limits_what_is_run_and_what_is_read()
    {
        var model = new StubModel(x => x);
        Assert.Equal(2, Evaluator.Evaluate(model, null, Endless(), evalBatches: 2).Batches);
        Assert.Equal(2, model.Calls);

        static IEnumerable<Batch> Endless()
        {
            yield return s_batches[0];
            yield return s_batches[0];
            throw new InvalidOperationException("a third batch was asked for");
        }
    }

    [Fact]
    public void A_metric_of_ones_own_sees_every_batch_and_its_outputs()
    {
        var result = Evaluator.Evaluate(StubModel.Identity, null, s_batches, metrics: [new GreatestScore()]);
        Assert.Equal(9, result.Metrics["greatest"]);
        Assert.EndsWith(", greatest 9", result.ToString(), StringComparison.Ordinal);
    }

    private sealed class GreatestScore : IMetric
    {
        public string Name => "greatest";

        public double Value { get; private set; }

        public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs) =>
            Value = outputs.Values.Aggregate(Value, (most, o) => Math.Max(most, o.Span<float>().ToArray().Max()));
    }

    [Fact]
    public void Metrics_of_one_name_and_none_at_all_are_refused_before_the_pass()
    {
        var greatest = new GreatestScore();
        var error = Assert.Throws<CaliperException>(() => Evaluator.Evaluate(
            StubModel.Identity, null, [StubModel.Rows(null, [1, 9])], metrics: [greatest, new GreatestScore()]));
        Assert.Contains("'greatest'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => Evaluator.Evaluate(StubModel.Identity, null, [StubModel.Rows(null, [1, 9])], metrics: [null!]));
        Assert.Equal(0, greatest.Value);
    }

    [Fact]
    public void Samples_without_names_are_numbered_over_all_batches()
    {
        var names = new List<string>();
        var seen = new NamesSeen(names);
        var batches = Enumerable.Range(0, 3).Select(_ => Batch.Of(Tensor.Of(Shape.Of(2, 1), new[] { 1f, 2f })));
        Evaluator.Evaluate(StubModel.Identity, null, batches, metrics: [seen]);
        Assert.Equal(["#0", "#1", "#2", "#3", "#4", "#5"], names);
    }

    private sealed class NamesSeen(List<string> names) : IMetric
    {
        public string Name => "names";

        public double Value => names.Count;

        public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs) => names.AddRange(batch.SampleNames);
    }

    [Fact]
    public void Without_labels_nothing_is_measured() =>
        Assert.Equal(new EvaluationResult(1, 1, null, null, null), Evaluator.Evaluate(
            StubModel.Identity, new CrossEntropyLoss(), [StubModel.Rows(null, [1, 2])]));

    [Fact]
    public void A_model_of_few_classes_has_no_top_five()
    {
        var result = Evaluator.Evaluate(StubModel.Identity, null, [StubModel.Rows([1], [1, 2])]);
        Assert.Equal((100.0, null, null), (result.Acc1, result.Acc5, result.Loss));
    }

    [Fact]
    public void A_first_output_without_class_scores_has_no_accuracy_but_a_named_one_must_have()
    {
        var boxes = new StubModel(x => Tensor.Of(Shape.Of(1, 7, 4), new float[28]), "boxes");
        var batch = StubModel.Rows([0], [1, 2]);
        Assert.Null(Evaluator.Evaluate(boxes, null, [batch]).Acc1);
        Assert.Null(Evaluator.Evaluate(boxes, new CrossEntropyLoss(), [batch]).Loss);
        var refusal = Assert.Throws<CaliperException>(() => Evaluator.Evaluate(boxes, null, [batch], output: "boxes"));
        Assert.Contains("1×7×4", refusal.Message);
        Assert.Contains("'boxes'", Assert.Throws<CaliperException>(
            () => Evaluator.Evaluate(boxes, null, [batch], output: "scores")).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void An_input_that_is_no_number_is_refused_by_the_name_of_its_sample(float bad)
    {
        var model = new StubModel(x => x);
        var batch = StubModel.Rows([0, 1, 0], [1, 2], [3, bad], [5, 6]) with { SampleNames = ["a.png", "b.png", "c.png"] };
        Assert.Contains("'b.png' (batch 1)", Assert.Throws<CaliperException>(
            () => Evaluator.Evaluate(model, null, [StubModel.Rows([0], [1, 2]), batch])).Message);
        Assert.Equal(1, model.Calls);
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused_with_its_batch() =>
        Assert.Contains("'#0' to '#1'", Assert.Throws<CaliperException>(() => Evaluator.Evaluate(
            StubModel.Identity, null, [StubModel.Rows([0, 2], [1, 2], [1, 2])])).Message);

    [Fact]
    public void No_data_no_batches_and_labels_that_come_and_go_are_refused()
    {
        Assert.Contains("no samples", Refused([]));
        Assert.Contains("1 or more", Refused(s_batches, 0));
        Assert.Contains("lacks labels", Refused([s_batches[0], s_batches[1] with { Labels = null }]));
        Assert.Contains("1 labels for 2 samples", Refused([s_batches[0] with { Labels = [1] }]));

        static string Refused(Batch[] batches, int? limit = null) => Assert.Throws<CaliperException>(
            () => Evaluator.Evaluate(StubModel.Identity, null, batches, limit)).Message;
    }

    [Fact]
    public void Progress_is_told_after_every_batch()
    {
        var reports = new List<EvaluationProgress>();
        Evaluator.Evaluate(StubModel.Identity, null, s_batches, progress: new Listener(reports));
        Assert.Equal([new("evaluate", 2, null, 50), new("evaluate", 3, null, 100.0 / 3)], reports);
    }

    [Fact]
    public void Cancellation_ends_the_pass()
    {
        using var source = new CancellationTokenSource();
        var model = new StubModel(x => { source.Cancel(); return x; });
        Assert.Throws<OperationCanceledException>(() => Evaluator.Evaluate(model, null, s_batches, cancellationToken: source.Token));
        Assert.Equal(1, model.Calls);
    }

    internal sealed class Listener(List<EvaluationProgress> reports) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => reports.Add(value);
    }

    [Fact]
    public void A_batch_that_lacks_something_is_refused_by_its_number()
    {
        var whole = StubModel.Rows([0], [1, 2]);
        var inputs = new Dictionary<string, Tensor> { ["x"] = null! };
        Batch[] all = [null!, whole with { SampleNames = default }, whole with { Labels = default(ImmutableArray<int>) },
            whole with { Inputs = null! }, whole with { Inputs = inputs }];
        foreach (var broken in all)
            Assert.Contains("Batch 1", Assert.Throws<CaliperException>(
                () => Evaluator.Evaluate(StubModel.Identity, null, [whole, broken])).Message, StringComparison.Ordinal);
    }
}
