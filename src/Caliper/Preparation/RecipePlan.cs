using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>Gives more bits to what a recipe names.</summary>
internal static class RecipePlan
{
    /// <summary>The plan with the recipe's choices.</summary>
    /// <exception cref="CaliperException">The recipe names what the plan does not have: it is of another network or another qconfig.</exception>
    public static QuantizationPlan Apply(Recipe recipe, QuantizationPlan plan)
    {
        foreach (var value in recipe.Activations.Keys)
        {
            if (plan.SiteOf(value) is null)
                throw new CaliperException($"The recipe gives bits to the activation '{value}', which this network has none of in int8.");
        }
        var withWeights = plan.Weights.Where(w => w.Layer.Operation.Input(1) == w.Initializer && plan.PlanOf(w.Layer).Role == OperatorRole.Linear)
            .Select(w => w.Layer.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in recipe.Weights.Keys)
        {
            if (!withWeights.Contains(layer))
                throw new CaliperException($"The recipe gives bits to the weights of '{layer}', which is no layer with int8 weights.");
        }

        var floats = FloatProducts(recipe, plan);
        ImmutableArray<ObservationSite> sites =
        [
            .. plan.Sites.Select(s => s with
            {
                IsWide = s.Values.Any(recipe.IsWide) || IsForFloats(s, plan, floats),
                HasWideProducts = s.Values.Any(recipe.HasWideProducts),
            }),
        ];
        var wide = sites.Where(s => s.IsWide).SelectMany(s => s.Values).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<LayerPlan> layers =
        [
            .. plan.Layers.Select(l => floats.Contains(l.Layer) ? l with { IsInteger = false, GivesFloat = false } : l with
            {
                IsWide = l.IsInteger && l.Layer.Outputs.Any(wide.Contains),
                HasFloatWeights = recipe.HasFloatWeights(l.Layer.Name),
            }),
        ];
        return new QuantizationPlan(layers, sites, [.. plan.Weights.Where(w => plan.PlanOf(w.Layer).Role != OperatorRole.Linear
            || !(floats.Contains(w.Layer) || recipe.HasFloatWeights(w.Layer.Name)))]);
    }

    /// <summary>The layers that multiply what is float for them, too: one float factor makes a product of floats.</summary>
    private static HashSet<Layer> FloatProducts(Recipe recipe, QuantizationPlan plan)
    {
        var values = plan.Sites.Where(s => s.Values.Any(recipe.HasFloatProducts)).SelectMany(s => s.Values).ToHashSet(StringComparer.Ordinal);
        return [.. plan.Layers.Where(l => l is { IsInteger: true, Role: OperatorRole.Linear } && ReadsAny(l, values)).Select(l => l.Layer)];
    }

    /// <summary>Whether only such layers read a site, who have no use for its integers.</summary>
    private static bool IsForFloats(ObservationSite site, QuantizationPlan plan, HashSet<Layer> floats)
    {
        if (floats.Count == 0) return false;
        LayerPlan[] readers = [.. plan.Layers.Where(l => l is { IsInteger: true, Role: not (OperatorRole.PassThrough or OperatorRole.Join) }
            && ReadsAny(l, site.Values))];
        return readers.Length > 0 && readers.All(r => floats.Contains(r.Layer));
    }

    private static bool ReadsAny(LayerPlan plan, IEnumerable<string> values) => OperatorRoles.DataInputs(plan.Layer.Operation).Any(values.Contains);
}
