namespace Caliper.Search;

/// <summary>
/// Chooses among the recipes of a search by what their int8 networks really do: how good by any measure, and how fast where they will run. A search
/// orders its recipes by work and by noise; tuning runs those that matter, as a bisection towards the target first, then, while there is time, the
/// others, the nearest first. Whoever gives it more time has all that less time measures, and more to choose from.
/// </summary>
public static class RecipeTuning
{
    // Times that differ by less are the same time.
    private const double Noise = 1.02;

    /// <summary>Tunes.</summary>
    /// <param name="found">What a search found: its candidates.</param>
    /// <param name="measure">Converts a candidate's network, runs it, and tells its quality and the milliseconds of a forward pass.</param>
    /// <param name="options">What to reach.</param>
    /// <param name="cancellationToken">Ends it early: with the best so far once something is measured.</param>
    /// <exception cref="CaliperException">The search measured nothing: the network has no int8 tensor.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before anything was measured.</exception>
    public static TuningResult Tune(SearchResult found, Func<SearchCandidate, (double Quality, double Milliseconds)> measure, TuningOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(options);
        if (found.Candidates.IsEmpty) throw new CaliperException("There is nothing to tune: no tensor of the network becomes int8.");
        var front = FrontOf(found.Candidates);
        var measured = new TunedCandidate?[front.Length];
        var start = options.Clock.GetTimestamp();
        var first = Math.Max(0, Array.FindLastIndex(front, c => c.Step.AddedWork <= found.Chosen.AddedWork));
        double Target() => options.Target ?? measured[first]!.Quality;
        foreach (var next in Order(measured, first, Target, goesOn: options.Budget is not null))
        {
            var isTimeUp = options.Budget is { } budget && options.Clock.GetElapsedTime(start) >= budget;
            if (measured.Any(m => m is not null) && (isTimeUp || cancellationToken.IsCancellationRequested)) break;
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var (quality, milliseconds) = measure(front[next]);
                measured[next] = new(front[next], quality, milliseconds);
            }
            catch (OperationCanceledException) when (measured.Any(m => m is not null))
            {
                break;
            }
        }
        return ResultOf([.. measured.OfType<TunedCandidate>()], Target());
    }

    /// <summary>Those with less noise than all that take less work.</summary>
    private static SearchCandidate[] FrontOf(IEnumerable<SearchCandidate> candidates)
    {
        var best = double.NegativeInfinity;
        var front = new List<SearchCandidate>();
        foreach (var candidate in candidates.OrderBy(c => c.Step.AddedWork).ThenByDescending(c => c.Step.Decibels))
        {
            if (candidate.Step.Decibels <= best) continue;
            front.Add(candidate);
            best = candidate.Step.Decibels;
        }
        return [.. front];
    }

    /// <summary>Who is measured next, seeing what the last measurements gave: a bisection that begins with the search's own choice, and the
    /// neighbours of where it ended.</summary>
    private static IEnumerable<int> Order(TunedCandidate?[] measured, int first, Func<double> target, bool goesOn)
    {
        var (low, high) = (-1, measured.Length);
        for (var next = first; high - low > 1; next = (low + high) / 2)
        {
            yield return next;
            if (measured[next]!.Quality >= target()) high = next;
            else low = next;
        }
        if (!goesOn) yield break;
        foreach (var other in Enumerable.Range(0, measured.Length).OrderBy(i => Math.Abs(i - high)).ThenBy(i => i))
            if (measured[other] is null) yield return other;
    }

    private static TuningResult ResultOf(TunedCandidate[] measured, double target)
    {
        TunedCandidate[] reaching = [.. measured.Where(m => m.Quality >= target)];
        if (reaching.Length == 0) return new(measured.MaxBy(m => m.Quality)!, [.. measured], target);
        var least = reaching.Min(m => m.Milliseconds);
        return new(reaching.Where(m => m.Milliseconds <= least * Noise).MaxBy(m => m.Quality)!, [.. measured], target);
    }
}
