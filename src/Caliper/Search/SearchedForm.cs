using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Conversion;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Search;

/// <summary>What a search found of one form of a network.</summary>
/// <param name="Found">The recipe, and all that converting by it takes.</param>
/// <param name="WithinLimits">What the limits allow.</param>
internal sealed record SearchedForm(SearchResult Found, SearchStep WithinLimits)
{
    // On as many samples at least is judged what is chosen: noise differs by a decibel or two from one to the next, and of many choices the best on
    // a few would be the luckiest.
    private const int Judges = 12;

    /// <summary>Searches a form.</summary>
    /// <param name="prepared">The network, calibrated.</param>
    /// <param name="samples">What it is searched with.</param>
    /// <param name="options">What to reach.</param>
    /// <param name="passes">How many forward passes that may take.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static SearchedForm Of(PreparedModel prepared, List<KeptSample> samples, SearchOptions options, SearchPasses passes,
        CancellationToken cancellationToken)
    {
        var moments = options.RoundWeights ? new Lazy<SecondMoments>(() => MomentsOf(prepared, samples)) : null;
        var form = Recipe.Empty with { Equalization = prepared.Fused.Equalization };
        var matched = Match(prepared, options.RoundWeights ? samples : null, form, cancellationToken);
        if (options.RoundWeights) passes.Take(samples.Count);
        // What rounded a large layer takes hundreds of megabytes, and that native memory is asked for next is no reason for the collector to look.
        GC.Collect();
        if (matched.Tensors.IsEmpty && matched.Weights.IsEmpty)
            return new(SearchResult.Nothing with { Form = prepared, Moments = moments, Recipe = form },
                SearchResult.Nothing.Chosen);

        var work = new NetworkWork(prepared.Fused, samples[0].Inputs, options.Runtime);
        var some = passes.AreCounted ? Math.Min(passes.Sources, samples.Count)
            : work.QuicklyRun(JudgedOf(prepared, samples, options), sources: matched.Tensors.Length + matched.Weights.Length);
        var judges = passes.AreCounted ? passes.Judges : Math.Clamp(Judges, some, samples.Count);
        using var network = new SwitchedNetwork(
            prepared.Fused, matched, Spread(samples, some), null, alsoBeforeLastFunction: true);
        var search = new NoiseSearch(prepared, matched, network, Spread(samples, judges), work, options, passes);
        search.Search(cancellationToken);
        var withinLimits = search.Found.Chosen;
        search.GoBeyond(cancellationToken);
        var found = search.Found;
        Recipe Whole(Recipe recipe) => recipe with { Equalization = form.Equalization };
        return new(found with
        {
            Form = prepared,
            Moments = moments,
            Recipe = Whole(found.Recipe),
            Candidates = [.. found.Candidates.Select(c => c with { Recipe = Whole(c.Recipe) })],
        }, withinLimits);
    }

    /// <summary>How many forward passes a search may take.</summary>
    public static SearchPasses PassesFor(PreparedModel prepared, List<KeptSample> samples, SearchOptions options) =>
        new(new NetworkWork(prepared.Fused, samples[0].Inputs, options.Runtime), samples.Count, JudgedOf(prepared, samples, options), options);

    /// <summary>The form that loses least with 8 bits everywhere, its weights rounded to the nearest: only this one is searched where all would
    /// take long.</summary>
    public static PreparedModel LeastNoisy(
        IReadOnlyList<PreparedModel> forms, List<KeptSample> samples, SearchPasses passes, CancellationToken cancellationToken)
    {
        if (forms.Count == 1) return forms[0];
        // They differ by more than samples do.
        var judges = Spread(samples, Math.Max(1, passes.Judges / 2));
        return forms.MinBy(form =>
        {
            var matched = Match(form, null, Recipe.Empty with { Equalization = form.Fused.Equalization }, cancellationToken);
            using var network = new SwitchedNetwork(form.Fused, matched, judges, null, alsoBeforeLastFunction: true);
            passes.Take(2 * judges.Count);
            return network.Measure([network.AllOn], cancellationToken)[0].WorstShare;
        })!;
    }

    /// <summary>Of two that reach the aim the one for less work is better; else the one with less noise. Where limits gave way for both, what
    /// they come to beyond them counts.</summary>
    public bool IsBetterThan(SearchedForm other, SearchOptions options)
    {
        var isBeyond = WithinLimits.Decibels < options.Acceptable && other.WithinLimits.Decibels < options.Acceptable;
        var (own, others) = isBeyond ? (Found.Chosen, other.Found.Chosen) : (WithinLimits, other.WithinLimits);
        var enough = isBeyond ? options.Least : options.Aim;
        var (quality, othersQuality) = (Math.Min(own.Decibels, enough), Math.Min(others.Decibels, enough));
        return quality > othersQuality || (quality == othersQuality && own.AddedWork < others.AddedWork);
    }

    /// <summary>How the inputs of the network's layers vary together, by which weights are rounded.</summary>
    public static SecondMoments MomentsOf(PreparedModel prepared, List<KeptSample> samples, CancellationToken cancellationToken = default) =>
        SecondMoments.Collect(prepared.Fused, prepared.Plan, [.. samples.Select(s => s.Inputs)], cancellationToken);

    private static int JudgedOf(PreparedModel prepared, List<KeptSample> samples, SearchOptions options) =>
        Math.Min(samples.Count, RecipeSearch.SamplesFor(prepared, options));

    private static List<KeptSample> Spread(List<KeptSample> samples, int some) =>
        [.. Enumerable.Range(0, some).Select(i => samples[i * samples.Count / some])];

    /// <summary>What is int8 where all has 8 bits. Moments take more memory than the network, so those of one form at most are there at a time, and
    /// none while noise is measured: whoever converts collects them again, which takes little beside a search.</summary>
    private static Correspondence Match(
        PreparedModel prepared, List<KeptSample>? rounding, Recipe form, CancellationToken cancellationToken)
    {
        var moments = rounding is null ? null : MomentsOf(prepared, rounding, cancellationToken);
        using var narrow = prepared.Convert(new ConvertOptions { AllowUnobserved = true, Moments = moments, Recipe = form });
        return Correspondence.Of(prepared.Fused, narrow.Model.Graph).WithoutChosen(RowChoices.Of(prepared.Fused.Model.Graph));
    }
}
