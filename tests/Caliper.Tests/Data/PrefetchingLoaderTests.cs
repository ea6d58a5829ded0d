using System.Collections;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Evaluation.Tests;
using Caliper.Graphs;

namespace Caliper.Tests.Data;

public class PrefetchingLoaderTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void Batches_come_in_order_as_often_as_asked()
    {
        var loader = new PrefetchingLoader(new Numbers(100), batchesAhead: 3);
        Assert.Equal((100, 100, false), (loader.SampleCount, loader.BatchCount, loader.HasLabels));
        for (var round = 0; round < 3; round++) Assert.Equal(Enumerable.Range(0, 100), loader.Select(Numbers.ValueOf));
    }

    [Fact]
    public void It_runs_ahead_but_no_further_than_allowed()
    {
        var numbers = new Numbers(100);
        using var batches = new PrefetchingLoader(numbers, batchesAhead: 3).GetEnumerator();
        Assert.Equal(0, numbers.Made);
        Assert.True(batches.MoveNext());
        // One is in the caller's hands, three wait, and one is made but finds no room.
        Assert.True(SpinWait.SpinUntil(() => numbers.Made == 5, s_patience));
        Assert.False(SpinWait.SpinUntil(() => numbers.Made > 5, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void An_error_surfaces_where_its_batch_would_have_come()
    {
        var seen = new List<int>();
        var error = Assert.Throws<CaliperException>(() =>
        {
            var loader = new PrefetchingLoader(new Numbers(100, failAt: 7), batchesAhead: 50);
            foreach (var batch in loader) seen.Add(Numbers.ValueOf(batch));
        });
        Assert.Equal("7 is broken", error.Message);
        Assert.Equal(Enumerable.Range(0, 7), seen);
        Assert.Contains(nameof(Numbers), error.StackTrace);
    }

    [Fact]
    public void Leaving_early_stops_the_thread_and_closes_the_loader_inside()
    {
        var numbers = new Numbers(int.MaxValue);
        foreach (var batch in new PrefetchingLoader(numbers))
        {
            if (Numbers.ValueOf(batch) == 4) break;
        }
        Assert.Equal(numbers.Opened, numbers.Closed);
        var made = numbers.Made;
        Assert.False(SpinWait.SpinUntil(() => numbers.Made != made, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void A_cancelled_evaluation_leaves_nothing_running()
    {
        using var source = new CancellationTokenSource();
        var numbers = new Numbers(int.MaxValue);
        var model = new StubModel(x => { source.Cancel(); return x; });
        Assert.Throws<OperationCanceledException>(
            () => Evaluator.Evaluate(model, null, new PrefetchingLoader(numbers), cancellationToken: source.Token));
        Assert.Equal((1, 1), (numbers.Opened, numbers.Closed));
    }

    [Fact]
    public void Progress_knows_the_total()
    {
        var reports = new List<EvaluationProgress>();
        Evaluator.Evaluate(StubModel.Identity, null, new Numbers(9), 4, new EvaluatorTests.Listener(reports));
        Assert.Equal(new EvaluationProgress("evaluate", 4, 4, null), reports[^1]);
        Evaluator.Evaluate(StubModel.Identity, null, new Numbers(9), progress: new EvaluatorTests.Listener(reports));
        Assert.Equal(new EvaluationProgress("evaluate", 9, 9, null), reports[^1]);
    }

    private sealed class Numbers(int count, int failAt = -1) : ILoader
    {
        private int _made;

        public int Made => Volatile.Read(ref _made);

        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public int SampleCount => count;

        public int BatchCount => count;

        public bool HasLabels => false;

        public IEnumerable<string> SampleNames => Enumerable.Range(0, count).Select(i => $"#{i}");

        public static int ValueOf(Batch batch) => (int)batch.Inputs[""].Span<float>()[0];

        public IEnumerator<Batch> GetEnumerator()
        {
            Opened++;
            try
            {
                for (var i = 0; i < count; i++)
                {
                    if (i == failAt) throw new CaliperException($"{i} is broken");
                    Interlocked.Increment(ref _made);
                    yield return Batch.Of(Tensor.Of(Shape.Of(1, 2), new float[] { i, 0 }));
                }
            }
            finally
            {
                Closed++;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
