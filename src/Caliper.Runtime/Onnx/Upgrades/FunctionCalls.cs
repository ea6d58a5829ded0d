using Caliper.Graphs;
using Caliper.Onnx.Schema;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Onnx.Upgrades;

/// <summary>Expands calls of a model's functions, also those in bodies and in other functions.</summary>
internal sealed class FunctionCalls
{
    // A function of ten calls of a function of ten calls … is a small file.
    private const int MostNodes = 100_000, MostDepth = 64;

    /// <summary>What means something else from version 18 of the operators on; from 13 to there nothing changed so.</summary>
    private const long ChangedIn = 18;

    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly HashSet<string> _names;
    private readonly long _opset;
    private int _nodes;

    public FunctionCalls(IEnumerable<FunctionProto> functions, Model model)
    {
        foreach (var function in functions) _functions[(NodeReader.Domain(function.Domain), function.Name, function.Overload)] = function;
        _opset = model.Opset;
        var graph = model.Graph;
        _names = graph.Nodes.SelectMany(n => n.Outputs.Concat(n.Inputs).Append(n.Name)).Concat(graph.Inputs.Select(i => i.Name))
            .Concat(graph.Initializers.Keys).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether a call had to stay.</summary>
    public bool LeavesAny { get; private set; }

    /// <summary>The domains of the functions.</summary>
    public IEnumerable<string> Domains => _functions.Keys.Select(k => k.Domain).Distinct();

    /// <summary>Versions of the other operator sets that functions say they use.</summary>
    public IEnumerable<(string Domain, long Version)> Imported => _functions.Values.SelectMany(f => f.OpsetImport)
        .Select(o => (NodeReader.Domain(o.Domain), o.Version)).Where(o => o.Item1.Length > 0).Distinct();

    /// <summary>Whether a node calls a function, or holds a body, where calls may be.</summary>
    public bool Mentions(Node node) => node.Attributes.Values.Any(a => a is AttributeValue.Subgraph)
        || _functions.Keys.Any(f => f.Domain == node.Domain && f.Name == node.OpType);

    /// <summary>The nodes that compute what a node does, without calls.</summary>
    public IEnumerable<Node> Expand(Node node) =>
        new NodeReader(new ExternalDataReader()).Read([.. Expand(ModelWriter.Write(node), 0)]);

    private IEnumerable<NodeProto> Expand(NodeProto node, int depth)
    {
        if (++_nodes > MostNodes || depth > MostDepth)
        {
            throw new CaliperException($"The functions of the model call each other without end, or expand to more than {MostNodes} nodes; "
                + "export it without functions.");
        }
        foreach (var body in node.Attribute.SelectMany(BodiesOf)) ExpandBody(body, depth);
        if (!_functions.TryGetValue((NodeReader.Domain(node.Domain), node.OpType, node.Overload), out var function)) return [node];
        if (NodesOf(function, node) is { } nodes) return nodes.SelectMany(n => Expand(n, depth + 1));
        LeavesAny = true;
        return [node];
    }

    private void ExpandBody(GraphProto body, int depth)
    {
        NodeProto[] expanded = [.. body.Node.SelectMany(n => Expand(n, depth + 1))];
        body.Node.Clear();
        body.Node.AddRange(expanded);
    }

    /// <summary>A function's nodes with the caller's values and attributes in place; null where they cannot stand in the caller's version.</summary>
    private IEnumerable<NodeProto>? NodesOf(FunctionProto function, NodeProto call)
    {
        var attributes = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (var attribute in function.AttributeProto.Concat(call.Attribute)) attributes[attribute.Name] = attribute;
        var body = new GraphProto { Name = function.Name };
        body.Input.AddRange(function.Input.Select(i => new ValueInfoProto { Name = i }));
        body.Output.AddRange(function.Output.Select(o => new ValueInfoProto { Name = o }));
        body.Node.AddRange(function.Node.Select(n => n.Clone()));
        Substitute(body, attributes);
        var own = function.OpsetImport.FirstOrDefault(o => NodeReader.Domain(o.Domain).Length == 0)?.Version ?? _opset;
        if (Raised(body, own) is not { } raised) return null;
        return Renamed(raised, function, call);
    }

    /// <summary>The body in the caller's version of the operators.</summary>
    private GraphProto? Raised(GraphProto body, long own)
    {
        if (own == _opset) return body;
        if (own > _opset && _opset < OpsetUpgrade.Usual) return null;
        var to = Math.Min(_opset, OpsetUpgrade.Usual);
        if (own < to)
        {
            var graph = new GraphReader(new ExternalDataReader()).Read(body);
            body = new GraphProto();
            ModelWriter.Write(GraphUpgrade.Raise(graph, own, to), body, TensorWriter.Write);
            var constants = body.Initializer.Select(i => new NodeProto
            {
                OpType = "Constant",
                Output = { i.Name },
                Attribute = { new AttributeProto { Name = "value", T = i, Type = AttributeType.Tensor } },
            });
            NodeProto[] nodes = [.. constants, .. body.Node];
            body.Node.Clear();
            body.Node.AddRange(nodes);
        }
        var crosses = own < ChangedIn != _opset < ChangedIn;
        return crosses && body.Node.Any(Changed) ? null : body;
    }

    /// <summary>Whether a node means something else, or nothing yet, on the other side of <see cref="ChangedIn"/>.</summary>
    private static bool Changed(NodeProto node) =>
        node.OpType == "GroupNormalization" || UpgradeRules.Find(node.OpType, ChangedIn) is not null;

    private IEnumerable<NodeProto> Renamed(GraphProto body, FunctionProto function, NodeProto call)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var handedThrough = new List<NodeProto>();
        for (var i = 0; i < function.Input.Count; i++) names[function.Input[i]] = i < call.Input.Count ? call.Input[i] : "";
        for (var i = 0; i < function.Output.Count && i < call.Output.Count; i++)
        {
            if (call.Output[i].Length == 0 || names.TryAdd(function.Output[i], call.Output[i])) continue;
            var source = names[function.Output[i]];
            var name = NewName(call, "Identity");
            handedThrough.Add(new NodeProto { Name = name, OpType = "Identity", Input = { source }, Output = { call.Output[i] } });
        }
        foreach (var node in body.Node)
        {
            foreach (var made in node.Output.Where(o => o.Length > 0)) if (!names.ContainsKey(made)) names[made] = NewName(call, made);
            node.Name = NewName(call, node.Name.Length > 0 ? node.Name : node.OpType);
        }
        foreach (var node in body.Node) Rename(node, names);
        return body.Node.Concat(handedThrough);
    }

    private string NewName(NodeProto call, string name)
    {
        var stem = $"{call.Name}/{name}";
        var unique = stem;
        for (var i = 2; !_names.Add(unique); i++) unique = $"{stem}_{i}";
        return unique;
    }

    private static void Rename(NodeProto node, Dictionary<string, string> names)
    {
        for (var i = 0; i < node.Input.Count; i++) node.Input[i] = names.GetValueOrDefault(node.Input[i], node.Input[i]);
        for (var i = 0; i < node.Output.Count; i++) node.Output[i] = names.GetValueOrDefault(node.Output[i], node.Output[i]);
        foreach (var body in node.Attribute.SelectMany(BodiesOf))
        {
            foreach (var inner in body.Node) Rename(inner, names);
            foreach (var output in body.Output) output.Name = names.GetValueOrDefault(output.Name, output.Name);
        }
    }

    /// <summary>Puts the caller's attributes where nodes refer to them; what the caller leaves out and has no default is left out.</summary>
    private static void Substitute(GraphProto body, Dictionary<string, AttributeProto> attributes)
    {
        foreach (var node in body.Node)
        {
            for (var i = node.Attribute.Count - 1; i >= 0; i--)
            {
                if (!node.Attribute[i].HasRefAttrName) continue;
                var name = node.Attribute[i].Name;
                var referred = attributes.GetValueOrDefault(node.Attribute[i].RefAttrName);
                node.Attribute.RemoveAt(i);
                if (referred is null) continue;
                var copy = referred.Clone();
                copy.Name = name;
                node.Attribute.Add(copy);
            }
            foreach (var inner in node.Attribute.SelectMany(BodiesOf)) Substitute(inner, attributes);
        }
    }

    private static IEnumerable<GraphProto> BodiesOf(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Append(attribute.G);
}
