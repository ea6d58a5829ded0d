using Caliper.Execution;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>
/// The second moments of what each int8 layer multiplies with its weights, seen in a few forward passes. They tell what an error of the
/// weights costs at the layer's output: for an error d of an output channel's weights, its mean square there is dᵀ·E[x·xᵀ]·d.
/// </summary>
internal sealed class SecondMoments
{
    /// <summary>Products that are summed for one layer at most, so that large layers see fewer patches.</summary>
    private const double MostProducts = 1e9;

    private const int MostPatches = 16384, LeastPatches = 1024, PatchesPerTap = 16;

    /// <summary>A step by this part of the whole never comes back to where it was, and fills the whole evenly at every length.</summary>
    private const double GoldenRatio = 0.6180339887498949;

    private readonly Dictionary<(string Output, int Input), LayerMoments> _ofWeights;

    private SecondMoments(Dictionary<(string, int), LayerMoments> ofWeights) => _ofWeights = ofWeights;

    /// <summary>Runs the float network on some samples. What comes out depends on them and their order, not on the number of threads.</summary>
    /// <param name="model">The network.</param>
    /// <param name="plan">Which layers will be int8; no others are looked at.</param>
    /// <param name="samples">What to feed, one sample each, or as many as the network insists on; some 32, far apart in the data.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static SecondMoments Collect(FusedModel model, QuantizationPlan plan, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> samples,
        CancellationToken cancellationToken = default)
    {
        var graph = model.Model.Graph;
        var layers = plan.Layers.SelectMany(l => SourcesOf(graph, l).Where(s => s.Source is not null)
            .Select(s => (Weights: (l.Layer.Output, s.Input), Source: s.Source!))).ToArray();
        var sites = layers.Select(l => l.Source).DistinctBy(r => r.Key)
            .Select(r => (Reader: r, Moments: new LayerMoments(r.Groups, r.Taps, r.TapsPerChannel))).ToArray();
        using var network = new ObservedNetwork(model.Model, sites.SelectMany(s => s.Reader.Values).Distinct(), model.Execution);
        for (var sample = 0; sample < samples.Count; sample++)
        {
            network.Run(samples[sample], null, null, pass => Threads.Each(sites.Length, model.Execution.Threads, i =>
            {
                var (reader, moments) = sites[i];
                // Of a network that is seen part by part, what reads of two parts is not looked at.
                if (reader.Values.Any(v => pass[v] is null)) return;
                var patches = reader.Of(value => pass[value]!);
                var wanted = PatchesOf(moments) / samples.Count + 1;
                moments.Add(patches, Spread(patches.Count, wanted, (long)sample * wanted));
            }), apart: false, cancellationToken);
        }
        var seen = sites.ToDictionary(s => s.Reader.Key, s => s.Moments, StringComparer.Ordinal);
        return new(layers.ToDictionary(l => l.Weights, l => seen[l.Source.Key]));
    }

    /// <summary>The moments of what some weights of a layer multiply; null where the layer was not looked at, or there was nothing to see.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Which of its inputs the weights are.</param>
    public LayerMoments? Of(Layer layer, int input = 1) =>
        _ofWeights.TryGetValue((layer.Output, input), out var moments) && moments.CountOf(0) > 0 ? moments : null;

    /// <summary>For each input of a layer that is weights, what they multiply.</summary>
    private static IEnumerable<(int Input, IPatchSource? Source)> SourcesOf(Graph graph, LayerPlan plan) => plan switch
    {
        { IsInteger: true, Role: OperatorRole.Linear } => [(1, PatchReader.Of(graph, plan.Layer.Operation))],
        { HasInt8Weights: true } => [(1, PatchReader.OfSteps(graph, plan.Layer.Operation)), (2, StatePatches.Of(graph, plan.Layer.Operation))],
        _ => [],
    };

    private static int PatchesOf(LayerMoments moments) =>
        (int)Math.Clamp(Math.Min(PatchesPerTap * moments.Taps, MostProducts / (moments.Groups * (double)moments.Taps * moments.Taps)),
            LeastPatches, MostPatches);

    /// <summary>Some of the first integers, spread evenly, others each time; all of them where that is no more than wanted.</summary>
    private static int[] Spread(int count, int wanted, long first) => count <= wanted ? [.. Enumerable.Range(0, count)]
        : [.. Enumerable.Range(0, wanted).Select(i => (int)(count * ((first + i) * GoldenRatio % 1.0))).Order()];
}
