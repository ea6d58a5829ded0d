using Caliper.Analysis.Switching;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Operators;
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
    // Multiply-adds of a sample below which a network is small.
    private const double SmallBelow = 1e6;
    private const int MoreOfSmall = 8;

    // A sentence has few words, and each tells as much of how weights are rounded as one of the thousand places of an image does.
    private const int MoreOfShort = 8, MostShortRank = 2;

    /// <summary>Other forms of a network, that compute the same and in which int8 may lose less: its channels divided (<see cref="Equalized"/>), and
    /// those that reach far beyond all others split into several. Each must be calibrated as the network was; which is best in truth, a search of
    /// all of them tells.</summary>
    /// <inheritdoc cref="Equalized"/>
    public static IReadOnlyList<PreparedModel> FormsOf(PreparedModel prepared, CalibrationStatistics statistics) =>
        [.. new[] { Equalized(prepared, statistics), Split(prepared, statistics) }.OfType<PreparedModel>()];

    /// <summary>The same network with its channels divided by factors, by which int8 is predicted to lose less; it computes the same bits and
    /// must be calibrated as this one was. Whether it is better in truth, a search of both tells. Null where nothing is to be won.</summary>
    /// <param name="prepared">The network, not yet equalized.</param>
    /// <param name="statistics">What calibration saw of it.</param>
    /// <exception cref="CaliperException">The statistics are of another network.</exception>
    public static PreparedModel? Equalized(PreparedModel prepared, CalibrationStatistics statistics) =>
        With(prepared, statistics, (fused, seen, mapping) => Equalization.Find(fused, seen, mapping).Factors);

    /// <summary>The same network in which products read the few channels that reach far beyond all others as several copies, so that the scale of
    /// the others is finer; it computes the same up to the last bits and must be calibrated as this one was. Whether it is better in truth, a
    /// search of both tells. Null where there are no such channels.</summary>
    /// <inheritdoc cref="Equalized"/>
    internal static PreparedModel? Split(PreparedModel prepared, CalibrationStatistics statistics) =>
        With(prepared, statistics, ChannelSplitting.Find);

    private static PreparedModel? With(PreparedModel prepared, CalibrationStatistics statistics,
        Func<FusedModel, CalibrationStatistics, QConfigMapping, ChannelFactors> find)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(statistics);
        if (!statistics.Fingerprint.AsSpan().SequenceEqual(prepared.Fused.Fingerprint))
            throw new CaliperException("The calibration statistics are of another model; calibrate this one.");
        var factors = find(prepared.Fused, statistics, prepared.Mapping);
        return factors.IsEmpty ? null : prepared.Fused.Equalize(factors).Prepare(prepared.Mapping);
    }

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
        return Find([prepared], data, options, progress, cancellationToken);
    }

    /// <summary>Searches the form of a network that has least noise in 8 bits; <see cref="SearchResult.Form"/> says which.</summary>
    /// <param name="forms">The network as it is, and its other forms; each calibrated.</param>
    /// <param name="data">Calibration data: what the recipe is later judged by must be other.</param>
    /// <param name="options">What to reach; null for the defaults.</param>
    /// <param name="progress">Told after every batch that is looked at for samples.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CaliperException">The data does not fit the network.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static SearchResult Find(IReadOnlyList<PreparedModel> forms, IEnumerable<Batch> data, SearchOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(forms);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfZero(forms.Count);
        options ??= new SearchOptions();
        if (MayFeedBack(forms[0])) options = options.OfStates;
        var samples = SamplesOf(forms[0], data, options, progress, cancellationToken);
        // Their own sessions hold all weights a second time, and are not needed while the search has others.
        foreach (var form in forms) form.Rest();
        var passes = SearchedForm.PassesFor(forms[0], samples, options);
        SearchedForm? best = null;
        foreach (var form in passes.TriesAll ? forms : [SearchedForm.LeastNoisy(forms, samples, passes, cancellationToken)])
        {
            // One at a time: a network whose roundings can be switched takes more memory than all else.
            var searched = SearchedForm.Of(form, samples, options, passes, cancellationToken);
            if (best is null || searched.IsBetterThan(best, options)) best = searched;
        }
        return best!.Found;
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
        if (!options.RoundWeights) return SearchResult.Nothing with { Recipe = recipe };
        var moments = SearchedForm.MomentsOf(prepared, samples, cancellationToken);
        return SearchResult.Nothing with { Recipe = recipe, Moments = new(() => moments) };
    }

    /// <summary>How many samples tell what noise costs. A small network is quickly run; one that tells few things apart is often lucky on few
    /// samples.</summary>
    internal static int SamplesFor(PreparedModel prepared, SearchOptions options)
    {
        var graph = prepared.Fused.Model.Graph;
        var products = prepared.Fused.Layers.Select(l => ProductCount.Of(graph, l.Operation)
            ?? (l.Role is OperatorRole.Linear ? SmallBelow : 0)).Sum();
        return products < SmallBelow ? options.Samples * MoreOfSmall : options.Samples;
    }

    /// <summary>How many samples are looked at: more than <see cref="SamplesFor"/> where all inputs are vectors.</summary>
    internal static int MostSamples(PreparedModel prepared, SearchOptions options) => Math.Max(SamplesFor(prepared, options),
        prepared.Inputs.All(i => i.Shape is { Rank: <= MostShortRank }) ? MoreOfShort * options.Samples : 0);

    /// <summary>Whether there is a state: an output of the type and shape of an input that is not the only one.</summary>
    internal static bool MayFeedBack(PreparedModel prepared) =>
        prepared.Inputs.Count > 1 && prepared.Fused.Model.Graph.Outputs.Any(output => prepared.Inputs.Any(input =>
            input.Type == output.Type && input.Shape is { } fed && output.Shape is { } given
            && fed.ToArray().AsSpan().SequenceEqual(given.ToArray())));

    private static List<KeptSample> SamplesOf(PreparedModel prepared, IEnumerable<Batch> data, SearchOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var kept = new SpreadSamples((data as ILoader)?.SampleCount, MostSamples(prepared, options));
        new EvaluationPass("search", data, null, progress, cancellationToken) { Inputs = prepared.Inputs }.Run(batch =>
        {
            var size = prepared.PieceSize(batch);
            foreach (var piece in KeptSample.PiecesOf(batch, size)) kept.Offer(piece, size);
            return null;
        });
        return kept.Samples;
    }
}
