using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Runtime.Tests.Engine;

/// <summary>Models of a few nodes, right or wrong, without a file between.</summary>
internal sealed class SmallModel(long opset = 13)
{
    private readonly List<Node> _nodes = [];
    private readonly List<Value> _inputs = [];
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);

    /// <summary>A float input.</summary>
    public SmallModel Input(string name, params long[] shape)
    {
        _inputs.Add(new Value(name, ElementType.Float32, Shape.Of(shape)));
        return this;
    }

    /// <summary>A constant.</summary>
    public SmallModel Constant(string name, Tensor tensor)
    {
        _constants[name] = tensor;
        return this;
    }

    /// <summary>Constant floats, all 1.</summary>
    public SmallModel Ones(string name, params long[] shape) =>
        Constant(name, Tensor.Of(Shape.Of(shape), Enumerable.Repeat(1f, (int)Shape.Of(shape).ElementCount).ToArray()));

    /// <summary>A node with one output.</summary>
    public SmallModel Node(string opType, string inputs, string output, Func<Node, Node>? configure = null)
    {
        var node = new Node(opType + output, opType, [.. inputs.Split(' ').Select(i => i == "-" ? "" : i)], [.. output.Split(' ')]);
        _nodes.Add(configure?.Invoke(node) ?? node);
        return this;
    }

    /// <summary>The model that returns a value.</summary>
    public Model Build(params string[] outputs) => new(
        new Graph("small", [.. _inputs], [.. outputs.Select(o => new Value(o, ElementType.Undefined, null))], _nodes,
            _constants.ToImmutableSortedDictionary(StringComparer.Ordinal)),
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", opset))
    { IrVersion = 7 };
}
