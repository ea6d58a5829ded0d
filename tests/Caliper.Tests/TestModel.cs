using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>Small networks, written in the test that needs them.</summary>
internal sealed class TestModel(int seed = 1)
{
    private readonly Random _random = new(seed);
    private readonly List<Node> _nodes = [];
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private ImmutableSortedDictionary<string, Tensor> _initializers = ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal);

    public TestModel Input(string name, params long[] lengths) => Input(ElementType.Float32, name, lengths);

    public TestModel Input(ElementType type, string name, params long[] lengths)
    {
        _inputs.Add(new Value(name, type, new Shape([.. lengths.Select(l => l < 0 ? Dimension.Named(l == -1 ? "N" : "L") : Dimension.Of(l))])));
        return this;
    }

    public TestModel Output(string name, ElementType type = ElementType.Float32)
    {
        _outputs.Add(new Value(name, type, null));
        return this;
    }

    /// <summary>Adds a node named after its output.</summary>
    public TestModel Node(string opType, string inputs, string output, Func<Node, Node>? attributes = null)
    {
        var node = new Node(output, opType, [.. inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i == "_" ? "" : i)],
            [.. output.Split(' ')]);
        _nodes.Add(attributes is null ? node : attributes(node));
        return this;
    }

    /// <summary>Adds an If whose branches are among the nodes; a file made of the model has them as bodies.</summary>
    public TestModel Conditional(string name, string condition, string then, string otherwise, string output)
    {
        _nodes.Add(Operators.Conditional.Make(name, condition, [then], [otherwise], [output]));
        return this;
    }

    public TestModel NodeIf(bool condition, string opType, string inputs, string output) => condition ? Node(opType, inputs, output) : this;

    public TestModel Weights(string name, float spread, params long[] lengths) => Constant(name, RandomTensor(Shape.Of(lengths), spread));

    public TestModel Constant(string name, Tensor tensor)
    {
        _initializers = _initializers.Add(name, tensor);
        return this;
    }

    /// <summary>A 3×3 convolution with bias, its batch norm and, if asked, a Relu; its values are name, name.bn, name.relu.</summary>
    public TestModel ConvBlock(string name, string input, int from, int to, bool relu = true)
    {
        Weights(name + ".weight", 0.4f, to, from, 3, 3).Weights(name + ".bias", 0.2f, to);
        Node("Conv", $"{input} {name}.weight {name}.bias", name, n => n.With("pads", 1, 1, 1, 1).With("kernel_shape", 3, 3));
        BatchNorm(name + ".bn", name, to);
        return relu ? Node("Relu", name + ".bn", name + ".relu") : this;
    }

    public TestModel BatchNorm(string name, string input, int channels)
    {
        Weights(name + ".gamma", 1, channels).Weights(name + ".beta", 0.5f, channels).Weights(name + ".mean", 0.5f, channels);
        Constant(name + ".var", Tensor.Vector([.. Enumerable.Range(0, channels).Select(_ => 0.5f + _random.NextSingle())]));
        return Node("BatchNormalization", $"{input} {name}.gamma {name}.beta {name}.mean {name}.var", name);
    }

    public FloatModel Build(long opset = 17) => new(new Model(
        new Graph("test", [.. _inputs], [.. _outputs], _nodes, _initializers),
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, _nodes.Select(n => n.Domain).Append("").Distinct()
            .Select(domain => KeyValuePair.Create(domain, domain.Length == 0 ? opset : 1)))));

    public Tensor RandomTensor(Shape shape, float spread) =>
        Tensor.Of(shape, Enumerable.Range(0, (int)shape.ElementCount).Select(_ => ((_random.NextSingle() * 2) - 1) * spread).ToArray());

    /// <summary>A batch for the model's only input.</summary>
    public Dictionary<string, Tensor> Batch(int count, float spread = 2) => new()
    {
        [""] = RandomTensor(_inputs[0].Shape!.Value.With(0, count), spread),
    };
}
