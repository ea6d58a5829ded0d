using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>The graph behind a model, for what a metric must know of how outputs come about.</summary>
internal static class ModelGraphs
{
    /// <summary>The graph, or null for a model of the user's own.</summary>
    public static Graph? Of(IModel model) => model switch
    {
        FloatModel m => m.Model.Graph,
        FusedModel m => m.Model.Graph,
        PreparedModel m => m.Fused.Model.Graph,
        QuantizedModel m => m.Model.Graph,
        _ => null,
    };
}
