using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Operators;
using Caliper.Preparation;
using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Where int8 arithmetic would run out of numbers with the plain scales, minimum to maximum for activations and the greatest
/// weight for each channel: a bias that int32 cannot hold in steps of <c>s_x·s_w</c>, and a tensor so narrow that its scale
/// is raised to the least one.
/// </summary>
internal static class IntegerRoom
{
    private static readonly ObserverSpec Activation = ObserverSpec.MinMax;

    public static IEnumerable<Diagnostic> Check(FusedModel fused, CalibrationStatistics statistics)
    {
        var plan = Planner.Plan(fused, QConfig.Default);
        foreach (var site in plan.Weights.Where(w => w.Layer.Role == OperatorRole.Linear))
        {
            var input = plan.SiteOf(site.Layer.Operation.Input(0));
            if (input is not null && Range(statistics, input) is { } range && Overflow(fused.Model.Graph, site, Scale(range)) is { } overflow)
                yield return overflow;
        }
        foreach (var site in plan.Sites)
        {
            if (Range(statistics, site) is not var (min, max) || min == max || (max - min) / 255 >= Activation.Eps) continue;
            yield return new Diagnostic("tiny-scale", site.Name,
                $"Its values lie between {Wording.Number(min)} and {Wording.Number(max)}, "
                    + $"which is less than 255 of the least steps there are ({Wording.Number(Activation.Eps)}).",
                "Exclude the layer, or check that the input is scaled as in training.");
        }
    }

    private static Diagnostic? Overflow(Graph graph, WeightSite site, float inputScale)
    {
        var node = site.Layer.Operation;
        if (graph.Constant(node.Input(2)) is not { Type: ElementType.Float32 } biases) return null;
        var observer = site.Spec.Create();
        observer.Observe(graph.Constant(site.Initializer)!);
        var scales = observer.CalculateQParams().Scales;
        var values = biases.Span<float>().ToArray();
        if (scales.Length != 1 && scales.Length != values.Length) return null;
        var steps = values.Select((b, c) => Math.Abs(b) / ((double)inputScale * scales[scales.Length == 1 ? 0 : c])).ToArray();
        var over = Enumerable.Range(0, steps.Length).Where(c => steps[c] > int.MaxValue).ToArray();
        if (over.Length == 0) return null;
        var worst = over.MaxBy(c => steps[c]);
        return new Diagnostic("bias-overflow", site.Layer.Name,
            $"{over.Length} of {Wording.Count(steps.Length, "channel")} {(over.Length == 1 ? "has a bias" : "have biases")} "
            + $"that would overflow int32; that of channel {worst} is {Wording.Number(values[worst])}, "
            + $"or {Wording.Number(steps[worst] / int.MaxValue)} times what int32 holds "
            + $"in steps of {Wording.Number(inputScale * scales[scales.Length == 1 ? 0 : worst])}.",
            "Conversion makes the weights of such channels coarser; where all of them are almost 0 nothing is lost, else exclude the layer.");
    }

    private static float Scale(RealRange range) => Activation.Rule.Calculate(range).Scale;

    /// <summary>From the least to the greatest value of all that shares the scale, zero included; null where there is none.</summary>
    private static RealRange? Range(CalibrationStatistics statistics, ObservationSite site)
    {
        var seen = site.Observed.Where(statistics.Tensors.ContainsKey).Select(v => statistics.Tensors[v].All).Where(t => t.Samples > 0).ToArray();
        return seen.Length == 0 ? null : (Math.Min(0, seen.Min(t => t.Min)), Math.Max(0, seen.Max(t => t.Max)));
    }
}
