namespace Caliper.Search;

/// <summary>Which of the points that were measured, ever more work from one to the next, is the one to take.</summary>
internal static class StepChoice
{
    // Beyond the limits, by how much the work may grow for more than what is just enough; and decibels that are worth that although nobody wanted
    // them: noise of half the size.
    private const double WorthMore = 1.1, HalfTheNoise = 6;

    // Within them, decibels that are worth as much work again as the network is in 8 bits: half the noise for a quarter more.
    private const double WorthOfWork = 12;

    /// <summary>Within the limits: of those that are enough the one whose decibels, up to the aim, are worth their work, if there is one for little
    /// work of these; where nothing is enough, the best quality there is.</summary>
    public static SearchStep Within(IReadOnlyList<SearchStep> measured, SearchOptions options)
    {
        var enough = measured.Where(s => s.Decibels >= options.Enough).ToArray();
        return enough.Where(s => s.AddedWork <= options.MostWork).MaxBy(Worth) ?? enough.MaxBy(Worth) ?? measured.MaxBy(s => s.Decibels)!;

        double Worth(SearchStep step) => Math.Min(step.Decibels, options.Aim) - WorthOfWork * step.AddedWork;
    }

    /// <summary>Where the limits leave too little: the least work that is enough, and what a little more buys of half the noise.</summary>
    public static SearchStep Beyond(IReadOnlyList<SearchStep> measured, SearchOptions options)
    {
        var least = measured.FirstOrDefault(s => s.Decibels >= options.Least) ?? measured.MaxBy(s => s.Decibels)!;
        return measured.FirstOrDefault(s => s.Decibels >= least.Decibels + HalfTheNoise && 1 + s.AddedWork <= WorthMore * (1 + least.AddedWork))
            ?? least;
    }
}
