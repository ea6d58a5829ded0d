using Caliper.Graphs;
using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Reads the bodies of If, Loop and Scan.</summary>
internal static class BodyReader
{
    /// <summary>A body as a graph; what it reads from around it are further inputs, after its own.</summary>
    /// <param name="graph">The graph around it.</param>
    /// <param name="body">The body.</param>
    public static Graph? Read(Graph graph, AttributeValue.Subgraph body) => AttributeProto.Parser.ParseFrom(body.Encoded.Span).G is { } proto
        ? new GraphReader(new ExternalDataReader()).Read(proto, body.Captured.Select(c => graph.Find(c) ?? new Value(c, ElementType.Undefined, null)))
        : null;
}
