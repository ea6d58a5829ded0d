using System.Collections.Immutable;
using System.Globalization;
using Caliper.Analysis;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Fusion;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>Takes sources of noise away in the order of what they cost, and measures what is left.</summary>
internal sealed class NoiseSearch(PreparedModel prepared, Correspondence matched, SwitchedNetwork network, NetworkWork work, SearchOptions options)
{
    // Points that are measured on the way from 8 bits everywhere to the limits.
    private const int MostPoints = 16;

    /// <summary>Searches.</summary>
    public SearchResult Find(CancellationToken cancellationToken)
    {
        var start = options.Clock.GetTimestamp();
        bool IsEnough() => options.Budget is { } budget && options.Clock.GetElapsedTime(start) >= budget;
        var sensitivity = Sensitivity.Measure(network, matched.Weights.Length, IsEnough, cancellationToken);
        var narrow = StepOf(WideningPath.Start, sensitivity.All);
        if (narrow.Decibels >= options.Aim) return new SearchResult(Recipe.Empty, narrow, [narrow]);

        var path = WideningPath.Of([.. SourcesOf(sensitivity)], work, options);
        List<(WideningPoint Point, SearchStep Step)> measured = [(WideningPath.Start, narrow), .. Measure(path, cancellationToken)];
        var (chosen, step) = Choose(measured);
        if (step.Decibels < options.Acceptable)
        {
            path.GoBeyond(work, options);
            var beyond = Measure(path, cancellationToken);
            measured.AddRange(beyond);
            (chosen, step) = ChooseBeyond(measured);
        }
        return new SearchResult(RecipeOf(chosen), step, [.. measured.Select(m => m.Step)]);
    }

    private (WideningPoint Point, SearchStep Step)[] Measure(WideningPath path, CancellationToken cancellationToken)
    {
        var points = path.Points(MostPoints);
        return [.. points.Zip(network.Measure([.. points.Select(SwitchesOf)], cancellationToken), (p, e) => (p, StepOf(p, e)))];
    }

    /// <summary>The first that reaches the aim for little work, else the best for little work; where that is not acceptable, the least work that
    /// is, else the best quality there is.</summary>
    private (WideningPoint, SearchStep) Choose(IReadOnlyList<(WideningPoint Point, SearchStep Step)> measured)
    {
        var cheap = measured.Where(m => m.Step.AddedWork <= options.MostWork).ToArray();
        foreach (var one in cheap) if (one.Step.Decibels >= options.Aim) return one;
        var best = cheap.MaxBy(m => m.Step.Decibels);
        if (best.Step.Decibels >= options.Least) return best;
        foreach (var one in measured) if (one.Step.Decibels >= options.Least) return one;
        return measured.MaxBy(m => m.Step.Decibels);
    }

    /// <summary>Where the limits leave too little: the least work that is acceptable, and what three tenths more buy beyond that.</summary>
    private (WideningPoint, SearchStep) ChooseBeyond(IReadOnlyList<(WideningPoint Point, SearchStep Step)> measured)
    {
        var least = measured.FirstOrDefault(m => m.Step.Decibels >= options.Least, measured.MaxBy(m => m.Step.Decibels));
        var worth = measured.Where(m => 1 + m.Step.AddedWork <= 1.3 * (1 + least.Step.AddedWork)).ToArray();
        return worth.FirstOrDefault(m => m.Step.Decibels >= options.Aim, worth.MaxBy(m => m.Step.Decibels));
    }

    private IEnumerable<NoiseSource> SourcesOf(Sensitivity sensitivity)
    {
        var layers = prepared.Fused.Layers;
        foreach (var (index, site) in network.Sites.Index())
        {
            var values = site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
            var readers = layers.Where(l => prepared.Plan.PlanOf(l) is { IsInteger: true, Role: OperatorRole.Linear }
                && OperatorRoles.DataInputs(l.Operation).Any(values.Contains)).Select(l => l.Name);
            ImmutableArray<int> constants =
                [.. matched.Weights.Index().Where(w => !IsLinear(w.Item) && values.Contains(LayerOf(w.Item).Output)).Select(w => w.Index)];
            var share = constants.Aggregate(sensitivity.Sites[index].Share, (sum, c) => [.. sum.Zip(sensitivity.Weights[c].Share, (a, b) => a + b)]);
            yield return new NoiseSource(site.Tensors[0].Value, true, index, share, [.. readers], values.Sum(work.ElementsOf))
            {
                Constants = constants,
                Moved = layers.Where(l => values.Contains(l.Output)).Sum(work.Moved),
            };
        }
        foreach (var (index, weight) in matched.Weights.Index())
        {
            // A constant that is added is none; and weights that several layers share are rounded for all of them at once.
            if (!IsLinear(weight) || matched.Weights.Count(w => w.Initializer == weight.Initializer) > 1) continue;
            yield return new NoiseSource(weight.Layer, false, index, sensitivity.Weights[index].Share, [weight.Layer], 0);
        }
    }

    private Switches SwitchesOf(WideningPoint point) => point.Taken.Aggregate(network.AllOn, (all, source) => source.IsActivation
        ? all.Without(network.Sites[source.Index].Places) with { Weights = all.Weights.Except(source.Constants) }
        : all with { Weights = all.Weights.Remove(source.Index) });

    private Layer LayerOf(Int8Weight weight) => prepared.Fused.Layers.First(l => l.Name == weight.Layer);

    private bool IsLinear(Int8Weight weight) => prepared.Plan.PlanOf(LayerOf(weight)).Role == OperatorRole.Linear;

    private SearchStep StepOf(WideningPoint point, Effect effect) => new(Decibels.Of(1, effect.WorstShare),
        point.WideShare, point.FloatShare, work.Whole == 0 ? 0 : point.Work / work.Whole, point.Taken.Length);

    private Recipe RecipeOf(WideningPoint point) => new()
    {
        Activations = point.Taken.Where(s => s.IsActivation).ToImmutableSortedDictionary(s => s.Place, s => ChoiceOf(s, 16), StringComparer.Ordinal),
        Weights = point.Taken.Where(s => !s.IsActivation).ToImmutableSortedDictionary(s => s.Place, s => ChoiceOf(s, 32), StringComparer.Ordinal),
    };

    private RecipeChoice ChoiceOf(NoiseSource source, int bits)
    {
        var decibels = Decibels.Of(1, source.Share.IsEmpty ? 0 : source.Share.Max());
        var what = source.IsActivation ? "Its rounding" : "The rounding of its weights";
        return new RecipeChoice(bits)
        {
            OutputDecibels = decibels,
            Cost = work.ShareOf(source.Layers),
            Reason = string.Create(CultureInfo.InvariantCulture, $"{what} to 8 bits alone leaves {decibels:F1} dB at the output."),
        };
    }
}
