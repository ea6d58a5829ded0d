using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Execution;

/// <summary>
/// A network whose inputs and outputs have 16-bit floats with nothing but a Cast to or from float32 at them, run by an engine that
/// takes and gives float32: the casts are done here.
/// </summary>
internal sealed class HalfBorders(Model original, IExecutionSession session) : IExecutionSession
{
    private readonly Dictionary<string, ElementType> _halves =
        original.Graph.Outputs.Where(o => FloatCasts.IsHalf(o.Type)).ToDictionary(o => o.Name, o => o.Type, StringComparer.Ordinal);

    /// <summary>Whether there is anything to do.</summary>
    public static bool Has(Model model) => model.Graph.Inputs.Concat(model.Graph.Outputs).Any(v => FloatCasts.IsHalf(v.Type));

    /// <summary>The model with float32 at those borders that have a Cast, and without it; itself where there are none.</summary>
    public static Model Without(Model model)
    {
        if (!Has(model)) return model;
        var graph = model.Graph;
        var (nodes, inputs, outputs) = (graph.Nodes.ToList(), graph.Inputs.ToArray(), graph.Outputs.ToArray());
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!FloatCasts.IsHalf(inputs[i].Type) || graph.IsOutput(inputs[i].Name)) continue;
            if (!graph.ConsumersOf(inputs[i].Name).All(n => IsCast(n, ElementType.Float32))) continue;
            foreach (var cast in graph.ConsumersOf(inputs[i].Name)) Replace(cast);
            inputs[i] = inputs[i] with { Type = ElementType.Float32, Uninterpreted = default };
        }
        for (var i = 0; i < outputs.Length; i++)
        {
            if (!FloatCasts.IsHalf(outputs[i].Type) || graph.ProducerOf(outputs[i].Name) is not { } cast) continue;
            if (!IsCast(cast, outputs[i].Type) || graph.ConsumersOf(outputs[i].Name).Length > 0) continue;
            if (graph.Find(cast.Inputs[0])?.Type != ElementType.Float32) continue;
            Replace(cast);
            outputs[i] = outputs[i] with { Type = ElementType.Float32, Uninterpreted = default };
        }
        return model with { Graph = graph.With(nodes, inputs: [.. inputs], outputs: [.. outputs]) };

        void Replace(Node cast) => nodes[nodes.IndexOf(cast)] = cast with { OpType = "Identity", Attributes = cast.Attributes.Clear() };
    }

    public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) =>
        new Result(session.Run(inputs.ToDictionary(i => i.Key, i => FloatCasts.IsHalf(i.Value.Type) ? FloatCasts.ToSingle(i.Value) : i.Value,
            StringComparer.Ordinal), cancellationToken), _halves);

    public void Dispose() => session.Dispose();

    private static bool IsCast(Node node, ElementType to) => node.Is("Cast") && node.Int("to", 0) == (long)to;

    private sealed class Result(IExecutionResult inner, Dictionary<string, ElementType> halves) : IExecutionResult
    {
        public Tensor this[string output] =>
            halves.TryGetValue(output, out var type) ? FloatCasts.Fit(inner[output], type) : inner[output];

        public void Dispose() => inner.Dispose();
    }
}
