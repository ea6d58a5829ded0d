using Caliper.Preparation;

namespace Caliper.Reporting;

/// <summary>Prints a prepared model: the layers, and under each its observers with what they have seen so far.</summary>
internal static class PreparedModelPrinter
{
    public static string Print(PreparedModel model)
    {
        var graph = model.Fused.Model.Graph;
        var siteOfOutput = model.Observers.SelectMany(o => o.Site.Observed.Select(v => (v, o)))
            .ToDictionary(p => p.v, p => p.o, StringComparer.Ordinal);
        var weights = model.Plan.Weights.ToLookup(w => w.Layer);
        var inputs = graph.Inputs.Where(i => siteOfOutput.ContainsKey(i.Name))
            .SelectMany(i => new[] { $"({i.Name}): Input -> {i.Shape}", "  " + PostProcess(siteOfOutput[i.Name]) });
        return ModulePrinter.Print("PreparedModel", graph,
            ["# Each call runs inference and, as a side effect, lets the observers below refine their ranges.", .. inputs],
            model.Fused.Layers, layer =>
            [
                .. weights[layer].Select(w => $"(weight): {w.Spec.Name}({model.WeightParameters[(w.Initializer, layer.Name)]})"),
                .. layer.Outputs.Where(siteOfOutput.ContainsKey).Select(o => PostProcess(siteOfOutput[o])),
                .. model.Plan.PlanOf(layer) is { IsInteger: false } plan
                    ? [$"# stays float{(plan.Diagnostic is { } why ? ": " + why.Message : "")}"]
                    : Array.Empty<string>(),
            ]);
    }

    private static string PostProcess(ActivationObserver activation) => $"(activation_post_process): {activation.Observer}";
}
