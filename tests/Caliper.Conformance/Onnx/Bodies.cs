using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Conformance.Onnx;

/// <summary>Models with bodies, as files have them.</summary>
internal static class Bodies
{
    /// <summary>y = if c then (one node that makes "t") else (nodes of which the last makes "e"), in operator set 11.</summary>
    public static Model Conditional(Node then, Node[] otherwise, Shape shape)
    {
        var condition = new Value("c", ElementType.Boolean, Shape.Scalar);
        var input = new Value("x", ElementType.Float32, shape);
        var node = new Node("if", "If", ["c"], ["y"])
            .With("then_branch", Body("then", input, [then], "t")).With("else_branch", Body("else", input, otherwise, "e"));
        var graph = new Graph("conditional", [input, condition], [new Value("y", ElementType.Float32, null)], [node],
            ImmutableSortedDictionary<string, Tensor>.Empty);
        return new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 11)) { IrVersion = 6 };
    }

    private static AttributeValue.Subgraph Body(string name, Value captured, Node[] nodes, string output)
    {
        // The writer makes the body; what it captures is an input only for the constructor's sake.
        var graph = new Graph(name, [captured], [new Value(output, ElementType.Float32, null)], nodes,
            ImmutableSortedDictionary<string, Tensor>.Empty);
        var model = new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 11));
        var proto = ModelProto.Parser.ParseFrom(OnnxFile.ToBytes(model)).Graph;
        proto.Input.Clear();
        var attribute = new AttributeProto { Type = AttributeProto.Types.AttributeType.Graph, G = proto };
        return new([captured.Name], attribute.ToByteArray());
    }
}
