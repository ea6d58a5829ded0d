using System.Collections.Immutable;
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

        ImmutableArray<ObservationSite> sites =
        [
            .. plan.Sites.Select(s => s with
            {
                IsWide = s.Values.Any(recipe.IsWide),
                HasWideProducts = s.Values.Any(recipe.HasWideProducts),
            }),
        ];
        var wide = sites.Where(s => s.IsWide).SelectMany(s => s.Values).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<LayerPlan> layers =
        [
            .. plan.Layers.Select(l => l with
            {
                IsWide = l.IsInteger && l.Layer.Outputs.Any(wide.Contains),
                HasFloatWeights = recipe.HasFloatWeights(l.Layer.Name),
            }),
        ];
        return new QuantizationPlan(layers, sites,
            [.. plan.Weights.Where(w => plan.PlanOf(w.Layer).Role != OperatorRole.Linear || !recipe.HasFloatWeights(w.Layer.Name))]);
    }
}
