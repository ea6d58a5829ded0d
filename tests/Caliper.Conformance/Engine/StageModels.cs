using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Conformance.Engine;

/// <summary>Small networks with bodies.</summary>
internal static class StageModels
{
    /// <summary>A branch, which has no inputs of its own.</summary>
    public static AttributeValue.Subgraph Body(Value[] captured, Value[] own, string output, params Node[] nodes) =>
        Body(own, captured, [output], nodes);

    /// <summary>A body as files have it: the writer makes it; what it captures is an input only for the constructor's sake.</summary>
    public static AttributeValue.Subgraph Body(Value[] own, Value[] captured, string[] outputs, params Node[] nodes)
    {
        var graph = new Graph("body", [.. own, .. captured], [.. outputs.Select(o => new Value(o, ElementType.Undefined, null))], nodes,
            ImmutableSortedDictionary<string, Tensor>.Empty);
        var proto = ModelProto.Parser.ParseFrom(OnnxFile.ToBytes(new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 17)))).Graph;
        for (var i = 0; i < captured.Length; i++) proto.Input.RemoveAt(own.Length);
        var attribute = new AttributeProto { Type = AttributeProto.Types.AttributeType.Graph, G = proto };
        return new([.. captured.Select(c => c.Name)], attribute.ToByteArray());
    }

    /// <summary>A network.</summary>
    public static Model Of(Value[] inputs, (string Name, Tensor Tensor)[] constants, string[] outputs, params Node[] nodes)
    {
        var graph = new Graph("staged", [.. inputs], [.. outputs.Select(o => new Value(o, ElementType.Undefined, null))], nodes,
            constants.ToImmutableSortedDictionary(c => c.Name, c => c.Tensor, StringComparer.Ordinal));
        return new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 17)) { IrVersion = 8 };
    }
}
