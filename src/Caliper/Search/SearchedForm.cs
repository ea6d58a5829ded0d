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
    private readonly Correspondence _matched;
    private readonly NetworkWork? _work;
    private readonly SwitchedNetwork? _network;

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
        _matched = Correspondence.Of(prepared.Fused, narrow.Model.Graph);
        if (_matched.Tensors.IsEmpty && _matched.Weights.IsEmpty) return;
        _work = new NetworkWork(prepared.Fused, samples[0].Inputs);
        var some = _work.QuicklyRun(samples.Count, sources: _matched.Tensors.Length + _matched.Weights.Length);
        _network = new SwitchedNetwork(
            prepared.Fused, _matched, Enumerable.Range(0, some).Select(i => samples[i * samples.Count / some]), null,
            alsoBeforeLastFunction: true);
    }

    /// <summary>What the worst output has of noise with everything in 8 bits, as a share of its signal.</summary>
    public double NoiseShare(CancellationToken cancellationToken) =>
        _network is null ? 0 : _network.Measure([_network.AllOn], cancellationToken)[0].WorstShare;

    /// <summary>Searches.</summary>
    public SearchResult Search(SearchOptions options, CancellationToken cancellationToken)
    {
        if (_network is null) return SearchResult.Nothing;
        var found = new NoiseSearch(_prepared, _matched, _network, _work!, options).Find(cancellationToken);
        return found with { Moments = _moments, Recipe = found.Recipe with { Equalization = _prepared.Fused.Equalization } };
    }

    public void Dispose() => _network?.Dispose();

    /// <summary>How the inputs of the network's layers vary together, by which weights are rounded; null where that is not asked for.</summary>
    public static SecondMoments? MomentsOf(
        PreparedModel prepared, List<KeptSample> samples, SearchOptions options, CancellationToken cancellationToken) => options.RoundWeights
        ? SecondMoments.Collect(prepared.Fused, prepared.Plan, [.. samples.Select(s => s.Inputs)], cancellationToken) : null;
}
