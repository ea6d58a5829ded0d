namespace Caliper.Search;

/// <summary>A point on a way of ever more bits, and what was measured there: on some samples, and, once it is to be chosen, on more. Noise differs by
/// a decibel or two from sample to sample, but by as much for one point as for the next: so those that were judged on more samples tell what the
/// others would come to.</summary>
/// <param name="Point">The point.</param>
/// <param name="Step">What is known of it: as it was judged, or else as it was measured.</param>
internal sealed record MeasuredPoint(WideningPoint Point, SearchStep Step)
{
    /// <summary>Whether it was judged.</summary>
    public bool IsJudged { get; init; }

    /// <summary>By how much the judges' decibels differ from those of the samples.</summary>
    public double Difference { get; private init; }

    /// <summary>The same as it was judged.</summary>
    public MeasuredPoint JudgedAs(SearchStep step) => this with { Step = step, IsJudged = true, Difference = step.Decibels - Step.Decibels };

    /// <summary>What is known of each point, or, from the nearest that was judged, expected.</summary>
    /// <param name="points">In the order of their work.</param>
    public static List<SearchStep> StepsOf(IReadOnlyList<MeasuredPoint> points)
    {
        int[] judged = [.. Enumerable.Range(0, points.Count).Where(i => points[i].IsJudged)];
        return [.. points.Select((p, i) => p.IsJudged || judged.Length == 0 ? p.Step
            : p.Step with { Decibels = p.Step.Decibels + points[judged.MinBy(j => Math.Abs(j - i))].Difference })];
    }
}
