using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Conversion;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Search;

/// <summary>A calibrated network in 8 bits, on the samples that it is searched with.</summary>
internal sealed class SearchedForm : IDisposable
{
    private readonly PreparedModel _prepared;
    private readonly SecondMoments? _moments;
    private readonly SwitchedNetwork? _network;
    private readonly NoiseSearch? _search;

    public SearchedForm(PreparedModel prepared, List<KeptSample> samples, SearchOptions options, CancellationToken cancellationToken)
    {
        _prepared = prepared;
        _moments = MomentsOf(prepared, samples, options, cancellationToken);
        using var narrow = prepared.Convert(new ConvertOptions
        {
            AllowUnobserved = true,
            Moments = _moments,
            Recipe = Recipe.Empty with { Equalization = prepared.Fused.Equalization },
        });
        var matched = Correspondence.Of(prepared.Fused, narrow.Model.Graph);
        if (matched.Tensors.IsEmpty && matched.Weights.IsEmpty) return;
        var work = new NetworkWork(prepared.Fused, samples[0].Inputs);
        var some = work.QuicklyRun(samples.Count, sources: matched.Tensors.Length + matched.Weights.Length);
        _network = new SwitchedNetwork(
            prepared.Fused, matched, Enumerable.Range(0, some).Select(i => samples[i * samples.Count / some]), null,
            alsoBeforeLastFunction: true);
        _search = new NoiseSearch(prepared, matched, _network, work, options);
    }

    /// <summary>What was found; nothing where there is nothing to choose.</summary>
    public SearchResult Found
    {
        get
        {
            var found = _search?.Found ?? SearchResult.Nothing;
            return found with
            {
                Form = _prepared,
                Moments = _moments,
                Recipe = found.Recipe with { Equalization = _prepared.Fused.Equalization },
            };
        }
    }

    /// <summary>Searches within the limits.</summary>
    public void Search(CancellationToken cancellationToken) => _search?.Search(cancellationToken);

    /// <summary>Where the limits leave too little, goes beyond them.</summary>
    public void GoBeyond(CancellationToken cancellationToken) => _search?.GoBeyond(cancellationToken);

    public void Dispose() => _network?.Dispose();

    /// <summary>How the inputs of the network's layers vary together, by which weights are rounded; null where that is not asked for.</summary>
    public static SecondMoments? MomentsOf(
        PreparedModel prepared, List<KeptSample> samples, SearchOptions options, CancellationToken cancellationToken) => options.RoundWeights
        ? SecondMoments.Collect(prepared.Fused, prepared.Plan, [.. samples.Select(s => s.Inputs)], cancellationToken) : null;
}
