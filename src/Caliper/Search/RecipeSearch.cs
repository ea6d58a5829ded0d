using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Search;

/// <summary>
/// Finds where 8 bits are too few. Each int8 tensor is a source of noise; measured alone, it tells what it costs at the network's
/// outputs, and noises of different sources nearly add up. So it is known beforehand what is left when the worst, for what they cost in
/// time, get more bits; how much that is in truth is then measured at several points on the way, together and not one at a time.
/// </summary>
public static class RecipeSearch
{
    /// <summary>Searches.</summary>
    /// <param name="prepared">The network, calibrated.</param>
    /// <param name="data">Calibration data: what the recipe is later judged by must be other.</param>
    /// <param name="options">What to reach; null for the defaults.</param>
    /// <param name="progress">Told after every batch that is looked at for samples.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CaliperException">The data does not fit the network.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static SearchResult Find(PreparedModel prepared, IEnumerable<Batch> data, SearchOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new SearchOptions();
        var samples = SamplesOf(prepared, data, options, progress, cancellationToken);
        var moments = MomentsOf(prepared, samples, options, cancellationToken);
        using var narrow = prepared.Convert(new ConvertOptions { AllowUnobserved = true, Moments = moments });
        var matched = Correspondence.Of(prepared.Fused, narrow.Model.Graph);
        if (matched.Tensors.IsEmpty && matched.Weights.IsEmpty) return SearchResult.Nothing;
        var work = new NetworkWork(prepared.Fused, samples[0].Inputs);
        var some = work.QuicklyRun(samples.Count, sources: matched.Tensors.Length + matched.Weights.Length);
        using var network = new SwitchedNetwork(
            prepared.Fused, matched, Enumerable.Range(0, some).Select(i => samples[i * samples.Count / some]), null);
        return new NoiseSearch(prepared, matched, network, work, options).Find(cancellationToken) with { Moments = moments };
    }

    /// <summary>Takes a recipe that was found before, on the same data.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="prepared">The network, calibrated.</param>
    /// <param name="data">Calibration data: weights are rounded by it.</param>
    /// <param name="options">How many samples are looked at; null for the defaults.</param>
    /// <param name="progress">Told after every batch that is looked at for samples.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CaliperException">The data does not fit the network.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static SearchResult Apply(Recipe recipe, PreparedModel prepared, IEnumerable<Batch> data, SearchOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new SearchOptions();
        var samples = SamplesOf(prepared, data, options, progress, cancellationToken);
        return SearchResult.Nothing with { Recipe = recipe, Moments = MomentsOf(prepared, samples, options, cancellationToken) };
    }

    private static SecondMoments? MomentsOf(
        PreparedModel prepared, List<KeptSample> samples, SearchOptions options, CancellationToken cancellationToken) => options.RoundWeights
        ? SecondMoments.Collect(prepared.Fused, prepared.Plan, [.. samples.Select(s => s.Inputs)], cancellationToken) : null;

    private static List<KeptSample> SamplesOf(PreparedModel prepared, IEnumerable<Batch> data, SearchOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var kept = new SpreadSamples((data as ILoader)?.SampleCount, options.Samples);
        new EvaluationPass("search", data, null, progress, cancellationToken) { Inputs = prepared.Inputs }.Run(batch =>
        {
            foreach (var piece in KeptSample.PiecesOf(batch, prepared.PieceSize)) kept.Offer(piece, prepared.PieceSize);
            return null;
        });
        return kept.Samples;
    }
}
