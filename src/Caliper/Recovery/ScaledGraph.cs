using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>A network whose constants change so that each value is divided by the factors of its channels.</summary>
internal sealed class ScaledGraph(Graph graph, ChannelClasses classes, ChannelFactors factors)
{
    private readonly GraphRewrite _rewrite = new(graph);
    private readonly Dictionary<Node, Node> _changed = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Node Undo, Node Reader)> _undone = [];
    private readonly List<Value> _values = [];

    /// <summary>What each channel of a value is divided by; null where all are 1.</summary>
    public float[]? FactorsOf(string value) =>
        factors.Exponents.TryGetValue(value, out var exponents) ? [.. exponents.Select(e => MathF.ScaleB(1, e))] : null;

    /// <summary>Gives a node another constant.</summary>
    public void Replace(Node node, int input, Tensor constant) =>
        Change(node, input, _rewrite.ReplaceInitializer(node.Inputs[input], constant, node));

    /// <summary>Gives a node the undivided value.</summary>
    public void Relieve(Node node, string value)
    {
        if (FactorsOf(value) is not { } all) return;
        var shape = graph.Find(value)!.Shape!.Value;
        var name = node.Name + ".undone";
        var restored = _rewrite.FreeName(value + "_undone");
        var constant = _rewrite.AddInitializer(name + ".factors", ChannelConstant.ToTensor(all, shape.Rank, classes.AxisOf(value)!.Value.Axis));
        _undone.Add((new Node(name, "Mul", [value, constant], [restored]), node));
        _values.Add(new Value(restored, ElementType.Float32, shape));
        for (var i = 0; i < node.Inputs.Length; i++) if (node.Inputs[i] == value) Change(node, i, restored);
    }

    /// <summary>The network.</summary>
    public Graph Finish()
    {
        foreach (var (undo, reader) in _undone) _rewrite.InsertBefore(reader, undo);
        foreach (var (old, changed) in _changed) _rewrite.Replace(old, changed);
        return _rewrite.Finish(_values);
    }

    private void Change(Node node, int input, string name)
    {
        var current = _changed.GetValueOrDefault(node, node);
        _changed[node] = current with { Inputs = current.Inputs.SetItem(input, name) };
    }
}
