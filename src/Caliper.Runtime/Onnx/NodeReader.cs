using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>Turns the <c>NodeProto</c>s of a graph into <see cref="Node"/>s with unique names.</summary>
internal sealed class NodeReader(ExternalDataReader external)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Reads nodes. One without a name, or with a name already taken, is named after its first output.</summary>
    public List<Node> Read(IReadOnlyList<NodeProto> protos)
    {
        // The names that the file gives go first, so that no made-up name takes one of them.
        var keepsName = protos.Select(p => p.Name.Length > 0 && _names.Add(p.Name)).ToArray();
        var nodes = new List<Node>(protos.Count);
        for (var i = 0; i < protos.Count; i++) nodes.Add(Read(protos[i], keepsName[i] ? protos[i].Name : NewName(protos[i])));
        return nodes;
    }

    /// <summary>The standard's own domain has two spellings; inside Caliper it is the empty one.</summary>
    public static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private Node Read(NodeProto proto, string name)
    {
        if (proto.OpType.Length == 0) throw new CaliperException($"The node '{name}' has no operator type.");
        var node = new Node(name, proto.OpType, [.. proto.Input], [.. proto.Output])
        {
            Domain = Domain(proto.Domain),
            Documentation = proto.DocString,
            Attributes = Attributes(proto, name),
        };
        if (!proto.Output.Any(o => o.Length > 0))
            throw new CaliperException($"The node '{name}' ({proto.OpType}) has no outputs.");

        // The message is ours, so emptying it of what was read leaves exactly what was not.
        proto.Input.Clear();
        proto.Output.Clear();
        proto.Attribute.Clear();
        proto.ClearName();
        proto.ClearOpType();
        proto.ClearDomain();
        proto.ClearDocString();
        return proto.CalculateSize() == 0 ? node : node with { Uninterpreted = proto.ToByteArray() };
    }

    private ImmutableSortedDictionary<string, AttributeValue> Attributes(NodeProto proto, string node)
    {
        var attributes = ImmutableSortedDictionary.CreateBuilder<string, AttributeValue>(StringComparer.Ordinal);
        foreach (var attribute in proto.Attribute)
        {
            if (attribute.Name.Length == 0) throw new CaliperException($"The node '{node}' has an attribute without a name.");
            if (attributes.ContainsKey(attribute.Name))
                throw new CaliperException($"The node '{node}' has two attributes named '{attribute.Name}'.");
            attributes.Add(attribute.Name, AttributeFormat.Read(attribute, external));
        }
        return attributes.ToImmutable();
    }

    private string NewName(NodeProto proto)
    {
        var stem = proto.Output.FirstOrDefault(o => o.Length > 0) ?? proto.OpType;
        var name = stem;
        for (var i = 2; !_names.Add(name); i++) name = $"{stem}_{i}";
        return name;
    }
}
