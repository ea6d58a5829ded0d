using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Fusion;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>Finds what is rounded to 8 bits in a network, and measures what each rounding alone comes to at its outputs.</summary>
internal sealed class NoiseSources(PreparedModel prepared, Correspondence matched, SwitchedNetwork network, NetworkWork work,
    SearchPasses passes)
{
    // Of the passes that are left when each site was measured.
    private const double ShareOfMixed = 0.3;

    /// <summary>All sources.</summary>
    /// <param name="sensitivity">What each site and each weight comes to.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public ImmutableArray<NoiseSource> Of(Sensitivity sensitivity, CancellationToken cancellationToken)
    {
        Site[] sites = [.. network.Sites.Select((site, index) => Read(site, index, sensitivity))];
        Site[] mixed = [.. sites.Where(s => s is { IsMultiplied: true, IsStream: true }).OrderByDescending(s => s.Share.DefaultIfEmpty().Max())];
        mixed = mixed[..passes.Affords(mixed.Length, network.Samples.Length, ShareOfMixed)];
        Switches[] onlyMultiplied = [.. mixed.Select(m => network.Sites[m.Index])
            .Select(s => Switches.Off.With(s.Places, s.Parameters) with { Streams = [.. s.Places] })];
        var effects = mixed.Length == 0 ? [] : network.Measure(onlyMultiplied, cancellationToken);
        var multiplied = effects.Zip(mixed).ToDictionary(m => m.Second.Index, m => m.First.Share);
        if (mixed.Length > 0) passes.Take(network.Samples.Length * (1 + onlyMultiplied.Sum(c => work.PartOf(network.ComputedFor(c)))));
        // Of what was not measured, half is taken to be multiplied.
        foreach (var site in sites) multiplied.TryAdd(site.Index, [.. site.Share.Select(s => s / 2)]);
        return [.. sites.SelectMany(s => Of(s, multiplied)), .. matched.Weights.Index().SelectMany(w => Of(w.Item, w.Index, sensitivity))];
    }

    /// <summary>The tensors of a scale, and who reads them.</summary>
    private sealed record Site(string Value, int Index, ImmutableArray<double> Share, ImmutableArray<string> Readers)
    {
        public required bool IsMultiplied { get; init; }

        public required bool IsStream { get; init; }

        public required ImmutableArray<int> Constants { get; init; }

        public required long Elements { get; init; }

        public required double Moved { get; init; }

        public required ImmutableArray<string> Convolutions { get; init; }
    }

    private Site Read(Int8Site site, int index, Sensitivity sensitivity)
    {
        var (graph, layers) = (prepared.Fused.Model.Graph, prepared.Fused.Layers);
        var values = site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
        var readers = layers.Where(l => prepared.Plan.PlanOf(l) is { IsInteger: true, Role: OperatorRole.Linear }
            && OperatorRoles.DataInputs(l.Operation).Any(values.Contains)).Select(l => l.Name);
        var uses = values.SelectMany(v => graph.ConsumersOf(v).Select(n => OperatorRoles.Multiplies(n, v))).ToArray();
        // Constants that are added or multiplied to make it are rounded with it.
        ImmutableArray<int> constants =
            [.. matched.Weights.Index().Where(w => !IsLinear(w.Item) && values.Contains(LayerOf(w.Item).Output)).Select(w => w.Index)];
        return new Site(site.Tensors[0].Value, index,
            constants.Aggregate(sensitivity.Sites[index].Share, (sum, c) => [.. sum.Zip(sensitivity.Weights[c].Share, (a, b) => a + b)]),
            [.. readers])
        {
            IsMultiplied = uses.Any(u => u),
            IsStream = uses.Any(u => !u) || values.Any(graph.IsOutput),
            Constants = constants,
            Elements = values.Sum(work.ElementsOf),
            Moved = layers.Where(l => values.Contains(l.Output)).Sum(work.Moved),
            Convolutions = [.. layers.Where(l => values.Contains(l.Output) && OperatorCatalogue.ProductOf(l.Operation) is ProductKind.Convolution)
                .Select(l => l.Name)],
        };
    }

    private IEnumerable<NoiseSource> Of(Site site, Dictionary<int, ImmutableArray<double>> multiplied)
    {
        NoiseSource? stream = null;
        if (site.IsStream)
        {
            ImmutableArray<double> rest = site.IsMultiplied ? multiplied[site.Index] : default;
            yield return stream = new NoiseSource(site.Value, NoiseKind.Stream, site.Index,
                rest.IsDefault ? site.Share : [.. site.Share.Zip(rest, (all, part) => Math.Max(0, all - part))])
            {
                // A convolution of integers whose result stays float is one of floats, where the runtime knows no other.
                Layers = work.HasWords ? [] : site.Convolutions,
                Floated = work.Streamed(site.Elements) + site.Moved,
                IsAlsoMultiplied = site.IsMultiplied,
                Constants = site.Constants,
            };
        }
        if (!site.IsMultiplied) yield break;
        yield return new NoiseSource(site.Value, NoiseKind.Factor, site.Index, stream is null ? site.Share : multiplied[site.Index])
        {
            Layers = site.Readers,
            Floated = work.Widened(site.Elements) - (stream is null ? 0 : work.Streamed(site.Elements)),
            // Who multiplies floats has its weights in float, too.
            Constants = work.HasWords ? site.Constants : [.. site.Constants, .. WeightsOf(site.Readers)],
            Before = stream,
        };
    }

    private IEnumerable<NoiseSource> Of(Int8Weight weight, int index, Sensitivity sensitivity)
    {
        // A constant that is added is none; and weights that several layers share are rounded for all of them at once.
        if (!IsLinear(weight) || matched.Weights.Count(w => w.Initializer == weight.Initializer) > 1) yield break;
        yield return new NoiseSource(weight.Layer, NoiseKind.Weights, index, sensitivity.Weights[index].Share) { Layers = [weight.Layer] };
    }

    private IEnumerable<int> WeightsOf(ImmutableArray<string> layers) =>
        matched.Weights.Index().Where(w => IsLinear(w.Item) && layers.Contains(w.Item.Layer)).Select(w => w.Index);

    private Layer LayerOf(Int8Weight weight) => prepared.Fused.Layers.First(l => l.Name == weight.Layer);

    private bool IsLinear(Int8Weight weight) => prepared.Plan.PlanOf(LayerOf(weight)).Role == OperatorRole.Linear;
}
