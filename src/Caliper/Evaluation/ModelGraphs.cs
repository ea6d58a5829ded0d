using Caliper.Graphs;
using Caliper.Preparation;

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

    /// <summary>Whether a model returns a value, or can be made to (<see cref="Returning"/>).</summary>
    public static bool Gives(IModel model, string value) => model.Outputs.Any(o => o.Name == value)
        || (model is FloatModel or FusedModel or QuantizedModel && Of(model)!.ProducerOf(value) is not null);

    /// <summary>A model of the same network that also returns some values of its inside; to be disposed of. Null where the model returns all of
    /// them.</summary>
    public static FloatModel? Returning(IModel model, IReadOnlyCollection<string> values) =>
        values.All(value => model.Outputs.Any(o => o.Name == value)) ? null : model switch
        {
            FloatModel m => new(ObservedGraph.Of(m.Model, values), m.Execution),
            FusedModel m => new(ObservedGraph.Of(m.Model, values), m.Execution),
            QuantizedModel m => new(ObservedGraph.Of(m.Model, values), m.Execution with { Backend = m.Execution.Int8Backend }),
            _ => null,
        };
}
