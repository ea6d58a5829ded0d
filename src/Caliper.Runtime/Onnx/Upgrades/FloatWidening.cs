using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Rewrites a network that computes in 16-bit floats so that it computes in float32, with a Cast after each of its inputs and in
/// front of each of its outputs: callers see the types that they know. No value is lost, for float32 holds all that 16 bits do.
/// </summary>
internal sealed class FloatWidening
{
    private const long Float32 = (long)ElementType.Float32;

    private readonly Graph _graph;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken;

    private FloatWidening(Graph graph)
    {
        _graph = graph;
        _taken = graph.Nodes.SelectMany(n => n.Outputs.Append(n.Name)).Concat(graph.Inputs.Select(i => i.Name)).Concat(graph.Initializers.Keys)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The model in float32; itself where nothing in it has 16 bits.</summary>
    public static Model Apply(Model model)
    {
        var graph = model.Graph;
        var isHalf = graph.Inputs.Concat(graph.Outputs).Concat(graph.Intermediates).Any(v => FloatCasts.IsHalf(v.Type))
            || graph.Initializers.Values.Any(t => FloatCasts.IsHalf(t.Type))
            || graph.Nodes.Any(n => n.Is("Cast") && FloatCasts.IsHalf((ElementType)n.Int("to", 0)));
        return isHalf ? model with { Graph = new FloatWidening(graph).Widened() } : model;
    }

    private Graph Widened()
    {
        var inputs = _graph.Inputs.Where(i => FloatCasts.IsHalf(i.Type) && _graph.ConsumersOf(i.Name).Length > 0).ToArray();
        var outputs = _graph.Outputs.Where(o => FloatCasts.IsHalf(o.Type) && _graph.Inputs.All(i => i.Name != o.Name)).ToArray();
        foreach (var value in inputs.Concat(outputs).DistinctBy(v => v.Name)) _names[value.Name] = NewName(value.Name + "_float32");
        var nodes = new List<Node>();
        foreach (var input in inputs) nodes.Add(Cast(input.Name, _names[input.Name], ElementType.Float32));
        nodes.AddRange(_graph.Nodes.Select(Widened));
        foreach (var output in outputs) nodes.Add(Cast(_names[output.Name], output.Name, output.Type));
        var initializers = _graph.Initializers.ToImmutableSortedDictionary(i => Name(i.Key), i => Widened(i.Value), StringComparer.Ordinal);
        var intermediates = _graph.Intermediates.Select(v => FloatCasts.IsHalf(v.Type) ? v with { Type = ElementType.Float32 } : v);
        return _graph.With(nodes, initializers, intermediates: intermediates);
    }

    private Node Widened(Node node)
    {
        var renamed = node with { Inputs = [.. node.Inputs.Select(Name)], Outputs = [.. node.Outputs.Select(Name)] };
        if (node.Is("Cast") && FloatCasts.IsHalf((ElementType)node.Int("to", 0)) && IsRealOf(node.Input(0), orSingle: true)
            || node.Is("Cast") && node.Int("to", 0) == Float32 && IsRealOf(node.Input(0), orSingle: false))
            return renamed with { OpType = "Identity", Attributes = renamed.Attributes.Clear() };
        return renamed with
        {
            Attributes = renamed.Attributes.ToImmutableSortedDictionary(a => a.Key, a => Widened(a.Key, a.Value), StringComparer.Ordinal),
        };
    }

    private AttributeValue Widened(string name, AttributeValue value) => value switch
    {
        AttributeValue.TensorValue { Value: var tensor } => new AttributeValue.TensorValue(Widened(tensor)),
        AttributeValue.Int { Value: var type } when IsType(name, type) => new AttributeValue.Int(Float32),
        AttributeValue.Subgraph body => Widened(body),
        _ => value,
    };

    private AttributeValue.Subgraph Widened(AttributeValue.Subgraph body)
    {
        var proto = AttributeProto.Parser.ParseFrom(body.Encoded.Span);
        if (proto.G is not null) Widen(proto.G);
        foreach (var graph in proto.Graphs) Widen(graph);
        return new([.. body.Captured.Select(Name)], proto.ToByteArray());
    }

    private void Widen(GraphProto body)
    {
        for (var i = 0; i < body.Initializer.Count; i++) body.Initializer[i] = Widened(body.Initializer[i]);
        foreach (var value in body.Input.Concat(body.Output).Concat(body.ValueInfo))
            if (value.Type?.TensorType is { } tensor && FloatCasts.IsHalf((ElementType)tensor.ElemType)) tensor.ElemType = (int)Float32;
        foreach (var output in body.Output) output.Name = Name(output.Name);
        foreach (var node in body.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = Name(node.Input[i]);
            foreach (var attribute in node.Attribute)
            {
                if (attribute.HasI && IsType(attribute.Name, attribute.I)) attribute.I = Float32;
                if (attribute.T is not null) attribute.T = Widened(attribute.T);
                if (attribute.G is not null) Widen(attribute.G);
                foreach (var graph in attribute.Graphs) Widen(graph);
            }
        }
    }

    private static bool IsType(string attribute, long value) => attribute is "to" or "dtype" && FloatCasts.IsHalf((ElementType)value);

    private bool IsRealOf(string value, bool orSingle) => _graph.Find(value)?.Type is { } type
        && (FloatCasts.IsHalf(type) || (orSingle && type == ElementType.Float32));

    private static Tensor Widened(Tensor tensor) => FloatCasts.IsHalf(tensor.Type) ? FloatCasts.ToSingle(tensor) : tensor;

    private static TensorProto Widened(TensorProto proto) => FloatCasts.IsHalf((ElementType)proto.DataType)
        ? TensorWriter.Write(proto.Name, Widened(TensorReader.Read(proto, new ExternalDataReader()))) : proto;

    private string Name(string name) => _names.GetValueOrDefault(name, name);

    private Node Cast(string from, string to, ElementType type) =>
        new Node(NewName(to + "_Cast"), "Cast", [from], [to]).With("to", (long)type);

    private string NewName(string wanted)
    {
        var name = wanted;
        for (var i = 2; !_taken.Add(name); i++) name = $"{wanted}_{i}";
        return name;
    }
}
