using Caliper.Fusion;
using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A network whose constants change so that each value is divided by the factors of its channels.</summary>
internal sealed class ScaledGraph(Graph graph, ChannelClasses classes, IReadOnlyList<float> factors)
{
    private readonly GraphRewrite _rewrite = new(graph);
    private readonly Dictionary<Node, Node> _changed = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Node Undo, Node Reader)> _undone = [];
    private readonly List<Value> _values = [];

    /// <summary>What each channel of a value is divided by; null where all are 1.</summary>
    public float[]? FactorsOf(string value)
    {
        float[] all = [.. classes.Of(value).Select(c => factors[c])];
        return Array.TrueForAll(all, f => f == 1) ? null : all;
    }

    /// <summary>Gives a node another constant.</summary>
    public void Replace(Node node, int input, Tensor constant) =>
        Change(node, input, _rewrite.ReplaceInitializer(node.Inputs[input], constant, node));

    /// <summary>Gives a node the undivided value. In int8 that takes a depthwise convolution, whose weights have a scale for each channel.</summary>
    public void Relieve(Node node, string value, bool inFloat)
    {
        if (FactorsOf(value) is not { } all) return;
        var shape = graph.Find(value)!.Shape!.Value;
        var name = node.Name + ".undone";
        var restored = FreeName(value + "_undone");
        var constant = inFloat ? ChannelConstant.ToTensor(all, shape.Rank, classes.AxisOf(value)!.Value.Axis)
            : Tensor.Of(Shape.Of(all.Length, 1, 1, 1), all);
        var undo = new Node(name, inFloat ? "Mul" : "Conv", [value, _rewrite.AddInitializer(name + ".weight", constant)], [restored]);
        _undone.Add((inFloat ? undo : undo.With("group", (long)all.Length).With("kernel_shape", 1, 1), node));
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

    private string FreeName(string wanted)
    {
        var name = wanted;
        for (var i = 2; graph.Find(name) is not null || _values.Any(v => v.Name == name); i++) name = $"{wanted}_{i}";
        return name;
    }

    private void Change(Node node, int input, string name)
    {
        var current = _changed.GetValueOrDefault(node, node);
        _changed[node] = current with { Inputs = current.Inputs.SetItem(input, name) };
    }
}
