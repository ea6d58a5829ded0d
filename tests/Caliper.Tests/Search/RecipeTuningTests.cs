using System.Collections.Immutable;
using Caliper.Preparation;
using Caliper.Search;

namespace Caliper.Tests.Search;

/// <summary>Tuning measures what matters first, and more time never gives less.</summary>
public class RecipeTuningTests
{
    private static readonly TuningOptions Wanted = new() { Target = 90 };

    [Fact]
    public void The_target_is_bracketed_by_a_bisection()
    {
        var seen = new List<double>();
        var result = RecipeTuning.Tune(Found(16, chosen: 3), c => Measured(c, seen), Wanted);
        Assert.True(result.IsReached, $"{result}");
        Assert.Equal(9, result.Chosen.Candidate.Step.AddedWork);
        Assert.Equal(3, seen[0]);
        Assert.InRange(seen.Count, 2, 6);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public void Where_nothing_reaches_the_target_the_best_is_chosen()
    {
        var result = RecipeTuning.Tune(Found(8, chosen: 0), c => Measured(c), Wanted with { Target = 1000 });
        Assert.False(result.IsReached);
        Assert.Equal(7, result.Chosen.Candidate.Step.AddedWork);
    }

    [Fact]
    public void Candidates_that_are_worse_for_more_work_are_left_out()
    {
        var found = Found(6, chosen: 0);
        var third = found.Candidates[3];
        found = found with { Candidates = found.Candidates.SetItem(3, third with { Step = third.Step with { Decibels = 1 } }) };
        var result = RecipeTuning.Tune(found, c => Measured(c), Wanted with { Budget = TimeSpan.FromHours(1) });
        Assert.DoesNotContain(result.Measured, m => m.Candidate.Step.AddedWork == 3);
        Assert.Equal(5, result.Measured.Length);
    }

    /// <summary>Whatever the measurements, those of a small budget are the first ones of a larger one, and the choice is from more.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Twice_the_budget_is_never_worse(int seed)
    {
        var random = new Random(seed);
        var measurements = Enumerable.Range(0, 20).Select(_ => (Quality: random.NextDouble() * 100, Time: random.NextDouble())).ToArray();
        TunedCandidate? before = null;
        for (var budget = 1; budget <= 32; budget *= 2)
        {
            var clock = new StepClock();
            var result = RecipeTuning.Tune(Found(20, chosen: 5), c =>
            {
                clock.Seconds++;
                var (quality, time) = measurements[(int)c.Step.AddedWork];
                return (quality, time);
            }, Wanted with { Budget = TimeSpan.FromSeconds(budget), Clock = clock });
            Assert.Equal(Math.Min(budget, 20), result.Measured.Length);
            if (before is not null)
            {
                Assert.True(result.Chosen.Quality >= 90 || result.Chosen.Quality >= before.Quality);
                Assert.True(before.Quality < 90 || result.Chosen.Milliseconds <= before.Milliseconds * 1.02);
            }
            before = result.Chosen;
        }
    }

    [Fact]
    public void An_interruption_leaves_the_best_so_far()
    {
        using var source = new CancellationTokenSource();
        var result = RecipeTuning.Tune(Found(16, chosen: 12), c =>
        {
            if (c.Step.AddedWork != 12) source.Cancel();
            source.Token.ThrowIfCancellationRequested();
            return Measured(c);
        }, Wanted, source.Token);
        Assert.Equal(12, result.Chosen.Candidate.Step.AddedWork);
        Assert.Throws<OperationCanceledException>(() => RecipeTuning.Tune(Found(2, chosen: 0), c => Measured(c), Wanted, source.Token));
    }

    [Fact]
    public void Without_a_target_the_search_s_own_choice_is_the_least()
    {
        var anHour = new TuningOptions { Budget = TimeSpan.FromHours(1) };
        var result = RecipeTuning.Tune(Found(8, chosen: 4), c => (c.Step.AddedWork, 10 - c.Step.AddedWork), anHour);
        Assert.Equal(4, result.Target);
        Assert.Equal(7, result.Chosen.Candidate.Step.AddedWork);
        Assert.Equal(4, RecipeTuning.Tune(Found(8, chosen: 4), c => Measured(c), new TuningOptions()).Chosen.Candidate.Step.AddedWork);
    }

    [Fact]
    public void Of_two_equally_fast_the_better_is_chosen()
    {
        var result = RecipeTuning.Tune(Found(4, chosen: 0), c => (95 + c.Step.AddedWork, 1), Wanted with { Budget = TimeSpan.FromHours(1) });
        Assert.Equal(3, result.Chosen.Candidate.Step.AddedWork);
    }

    private static (double, double) Measured(SearchCandidate candidate, List<double>? seen = null)
    {
        seen?.Add(candidate.Step.AddedWork);
        return (candidate.Step.AddedWork * 10, 1 + candidate.Step.AddedWork);
    }

    private static SearchResult Found(int count, int chosen)
    {
        ImmutableArray<SearchCandidate> candidates =
            [.. Enumerable.Range(0, count).Select(i => new SearchCandidate(new(10 + i, 0, 0, i, i), Recipe.Empty))];
        return new(Recipe.Empty, candidates[chosen].Step, candidates);
    }

    private sealed class StepClock : TimeProvider
    {
        public int Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
