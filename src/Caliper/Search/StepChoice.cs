namespace Caliper.Search;

/// <summary>Which of the points that were measured, ever more work from one to the next, is the one to take.</summary>
internal static class StepChoice
{
    // Beyond the limits, by how much the work may grow for more than what is just enough; and decibels that are worth that although nobody wanted
    // them: noise of half the size.
    private const double WorthMore = 1.1, HalfTheNoise = 6;

    // Within them, decibels that are worth as much work again as the network is in 8 bits: half the noise for a quarter more.
    private const double WorthOfWork = 12;

    /// <summary>Within the limits: of those that are enough for little work the one whose decibels, up to the aim, are worth theirs; where little is
    /// too little, the least work that is enough, else the best quality there is.</summary>
    public static SearchStep Within(IReadOnlyList<SearchStep> measured, SearchOptions options)
    {
        var cheap = measured.Where(s => s.AddedWork <= options.MostWork && s.Decibels >= options.Least);
        return cheap.MaxBy(s => Math.Min(s.Decibels, options.Aim) - WorthOfWork * s.AddedWork)
            ?? measured.FirstOrDefault(s => s.Decibels >= options.Least) ?? measured.MaxBy(s => s.Decibels)!;
    }

    /// <summary>Where the limits leave too little: the least work that is enough, and what a little more buys of what is wanted.</summary>
    /// <param name="measured">The points, ever more work from one to the next.</param>
    /// <param name="options">What is enough.</param>
    /// <param name="wanted">Decibels above which more is no longer wanted.</param>
    public static SearchStep Beyond(IReadOnlyList<SearchStep> measured, SearchOptions options, double wanted)
    {
        var least = measured.FirstOrDefault(s => s.Decibels >= options.Least) ?? measured.MaxBy(s => s.Decibels)!;
        var worth = measured.Where(s => 1 + s.AddedWork <= WorthMore * (1 + least.AddedWork)).ToArray();
        var best = worth.FirstOrDefault(s => s.Decibels >= wanted) ?? worth.MaxBy(s => s.Decibels)!;
        return worth.FirstOrDefault(s => s.Decibels >= best.Decibels + HalfTheNoise) ?? best;
    }
}
