using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Caliper.Operators;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Onnx;

/// <summary>
/// Turns a <c>GraphProto</c> into a <see cref="Graph"/>. Constants become initializers wherever they stand: an initializer
/// that is listed as an input too (compulsory before IR 4) is no input, and a <c>Constant</c> node that holds numbers is
/// lifted, unless its value is an output of the graph. Constants without a packed form (text, sparse) become, or stay,
/// <c>Constant</c> nodes.
/// </summary>
internal sealed class GraphReader(ExternalDataReader external)
{
    private readonly ImmutableSortedDictionary<string, Tensor>.Builder _initializers =
        ImmutableSortedDictionary.CreateBuilder<string, Tensor>(StringComparer.Ordinal);

    /// <summary>Reads a graph and takes what it read out of the message; what is left there was not interpreted.</summary>
    /// <param name="proto">The graph.</param>
    /// <param name="captured">Values of the graph around it, where this is a body; they become inputs.</param>
    public Graph Read(GraphProto proto, IEnumerable<Value>? captured = null)
    {
        var protos = new List<NodeProto>(proto.Node.Count);
        var constants = ReadInitializers(proto, protos);
        protos.AddRange(proto.Node);
        var outputs = proto.Output.Select(ValueFormat.Read).ToImmutableArray();
        var inputs = proto.Input.Where(i => !constants.Contains(i.Name)).Select(ValueFormat.Read)
            .Concat(captured ?? []).ToImmutableArray();
        CheckNames("input", inputs);
        CheckNames("output", outputs);
        if (outputs.Length == 0) throw new CaliperException("The graph has no outputs.");
        var outputNames = outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = new NodeReader(external).Read(protos);
        nodes.RemoveAll(node => !outputNames.Contains(node.Output) && Lift(node));
        var graph = new Graph(
            proto.Name, inputs, outputs, nodes, _initializers.ToImmutable(), proto.ValueInfo.Select(ValueFormat.Read));
        Clear(proto);
        return graph;
    }

    /// <summary>The names of all constants. Those without a packed form are put before the nodes.</summary>
    private HashSet<string> ReadInitializers(GraphProto proto, List<NodeProto> nodes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in proto.Initializer)
        {
            AddName(names, tensor.Name);
            if (TensorReader.IsText(tensor))
                nodes.Add(Constant(tensor.Name, new() { Name = "value", T = tensor, Type = AttributeType.Tensor }));
            else
                _initializers.Add(tensor.Name, TensorReader.Read(tensor, external));
        }
        foreach (var sparse in proto.SparseInitializer)
        {
            var name = sparse.Values?.Name ?? "";
            AddName(names, name);
            nodes.Add(Constant(name, new() { Name = "sparse_value", SparseTensor = sparse, Type = AttributeType.SparseTensor }));
        }
        return names;
    }

    private static void AddName(HashSet<string> names, string name)
    {
        if (name.Length == 0) throw new CaliperException("An initializer has no name.");
        if (!names.Add(name)) throw new CaliperException($"There are two initializers named '{name}'.");
    }

    private static NodeProto Constant(string name, AttributeProto value) =>
        new() { OpType = "Constant", Output = { name }, Attribute = { value } };

    /// <summary>Makes an initializer of a constant that holds numbers.</summary>
    private bool Lift(Node node)
    {
        if (ConstantNode.ValueOf(node) is not { } tensor) return false;
        if (!_initializers.TryAdd(node.Output, tensor))
            throw new CaliperException($"The value '{node.Output}' is produced more than once.");
        return true;
    }

    private static void CheckNames(string kind, ImmutableArray<Value> values)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (value.Name.Length == 0) throw new CaliperException($"A graph {kind} has no name.");
            if (!seen.Add(value.Name)) throw new CaliperException($"The graph has two {kind}s named '{value.Name}'.");
        }
    }

    private static void Clear(GraphProto proto)
    {
        proto.ClearName();
        proto.Node.Clear();
        proto.Initializer.Clear();
        proto.SparseInitializer.Clear();
        proto.Input.Clear();
        proto.Output.Clear();
        proto.ValueInfo.Clear();
    }
}
