using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Replaces each call of a function that the file defines itself by the function's nodes: what they compute can then be told,
/// raised to a newer version of the operators, fused and quantized like all else.
/// </summary>
internal static class FunctionInlining
{
    /// <summary>The model without calls of its own functions; itself where it has none. A function that is written in another version of
    /// the operators, in which one of its nodes means something else, stays a function.</summary>
    /// <exception cref="CaliperException">Functions call each other without end, or grow beyond all measure.</exception>
    public static Model Inline(Model model)
    {
        if (model.Uninterpreted.IsEmpty) return model;
        var rest = ModelProto.Parser.ParseFrom(model.Uninterpreted.Span);
        if (rest.Functions.Count == 0) return model;
        var calls = new FunctionCalls(rest.Functions, model);
        var nodes = new List<Node>();
        foreach (var node in model.Graph.Nodes)
        {
            if (calls.Mentions(node)) nodes.AddRange(calls.Expand(node));
            else nodes.Add(node);
        }
        if (!calls.LeavesAny) rest.Functions.Clear();
        var graph = model.Graph.With(nodes);
        var domains = rest.Functions.Select(f => f.Domain).Concat(nodes.Select(n => n.Domain)).ToHashSet(StringComparer.Ordinal);
        var opsets = model.Opsets.RemoveRange(calls.Domains.Where(d => d.Length > 0 && !domains.Contains(d)));
        foreach (var (domain, version) in calls.Imported)
            if (!opsets.ContainsKey(domain) && domains.Contains(domain)) opsets = opsets.Add(domain, version);
        return model with { Graph = graph, Opsets = opsets, Uninterpreted = rest.CalculateSize() == 0 ? default : rest.ToByteArray() };
    }
}
