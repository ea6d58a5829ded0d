using Caliper.Calibration;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests.Recovery;

/// <summary>Networks of random blocks, whose channels differ in size by up to 2⁸: every way there is for a factor to pass.</summary>
internal sealed class UnevenNetwork
{
    private readonly TestModel _model;
    private readonly Random _random;
    private int _made;

    private UnevenNetwork(int seed) => (_model, _random) = (new TestModel(seed), new Random(seed));

    /// <summary>The blocks there are.</summary>
    public static IReadOnlyList<string> Blocks { get; } =
    [
        "relu", "prelu", "leaky", "depthwise", "silu", "hardsigmoid", "hardswish", "hardswish last", "gelu", "residual", "concat", "split", "maxpool",
        "averagepool", "pad", "resize", "squeeze and excite", "clip", "grouped", "transposed", "affine",
    ];

    /// <summary>An image network: some blocks between two convolutions, and a linear layer at the end.</summary>
    public static FloatModel Of(int seed, params IReadOnlyList<string> blocks)
    {
        var network = new UnevenNetwork(seed);
        network._model.Input("x", -1, 3, 8, 8).Constant("zero", Tensor.Scalar(0f)).Constant("one", Tensor.Scalar(1f))
            .Constant("three", Tensor.Scalar(3f))
            .Constant("six", Tensor.Scalar(6f)).Constant("half", Tensor.Scalar(0.5f)).Constant("root", Tensor.Scalar(1.4142135f))
            .Constant("scales", Tensor.Vector(1f, 1f, 2f, 2f)).Constant("pads", Tensor.Vector<long>(0, 0, 1, 1, 0, 0, 1, 1))
            .Constant("parts", Tensor.Vector<long>(3, 5)).Constant("space", Tensor.Vector<long>(2, 3));
        var value = network.Conv("x", 3);
        foreach (var block in blocks) value = network.Append(block, value);
        value = network.Conv(network.Op("Relu", network.Conv(value, 8)), 8);
        value = network.Op("Flatten", network.Op("GlobalAveragePool", value));
        network._model.Weights("last", 0.5f, 8, 5).Node("MatMul", value + " last", "y").Output("y");
        return network._model.Build();
    }

    /// <summary>Two convolutions with a Relu between: the channels of the first differ by up to 2⁶, and the second takes them to the same size
    /// again, so that the smallest matters as much as the greatest.</summary>
    public static FloatModel Compensated()
    {
        var model = new TestModel(4);
        float[] first = model.RandomTensor(Shape.Of(8, 3, 3, 3), 1).Span<float>().ToArray();
        float[] second = model.RandomTensor(Shape.Of(8, 8, 3, 3), 1).Span<float>().ToArray();
        for (var i = 0; i < first.Length; i++) first[i] *= MathF.Pow(2, -(i / 27) * 6 / 7f);
        for (var i = 0; i < second.Length; i++) second[i] /= MathF.Pow(2, -(i / 9 % 8) * 6 / 7f);
        return model.Input("x", -1, 3, 8, 8).Constant("a", Tensor.Of(Shape.Of(8, 3, 3, 3), first))
            .Constant("b", Tensor.Of(Shape.Of(8, 8, 3, 3), second))
            .Node("Conv", "x a", "c").Node("Relu", "c", "d").Node("Conv", "d b", "e").Node("GlobalAveragePool", "e", "f").Node("Flatten", "f", "y")
            .Output("y").Build();
    }

    /// <summary>The statistics of some random samples.</summary>
    public static CalibrationStatistics Observe(FusedModel fused)
    {
        using var calibrator = new Calibrator(fused);
        calibrator.Observe([Batch(fused, 12)]);
        return calibrator.Statistics;
    }

    /// <summary>Random samples for a network.</summary>
    public static Batch Batch(IModel model, int count, int seed = 3) => new(model.Inputs.ToDictionary(i => i.Name,
        i => new TestModel(seed).RandomTensor(i.Shape!.Value.With(0, count), 2), StringComparer.Ordinal), null,
        [.. Enumerable.Range(0, count).Select(i => $"{i}")]);

    private string Append(string block, string x)
    {
        switch (block)
        {
            case "relu": return Op("Relu", x);
            case "prelu": return Op("PRelu", x, Constant(0.5f, 8, 1, 1));
            case "leaky": return Op("LeakyRelu", x);
            case "depthwise": return Conv(Op("Relu", x), 8, group: 8);
            case "silu": return Conv(Op("Mul", x, Op("Sigmoid", x)), 8);
            case "hardsigmoid": return Conv(Op("Mul", Op("HardSigmoid", x), x), 8);
            case "hardswish": return Conv(Op("Mul", x, Op("Div", Gate(x), "six")), 8);
            case "hardswish last": return Conv(Op("Div", Op("Mul", x, Gate(x)), "six"), 8);
            case "gelu": return Conv(Op("Mul", Op("Mul", x, Op("Add", Op("Erf", Op("Div", x, "root")), "one")), "half"), 8);
            case "residual": return Op("Add", x, Conv(Op("Relu", Conv(x, 8)), 8));
            case "concat": return Conv(Op("Concat", n => n.With("axis", 1), x, Op("Relu", Conv(x, 8))), 16);
            case "split": return Split(x);
            case "maxpool": return Op("MaxPool", n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1), x);
            case "averagepool": return Op("AveragePool", n => n.With("kernel_shape", 2, 2).With("pads", 0, 0, 1, 1), x);
            case "pad": return Conv(Op("Pad", x, "pads", "zero"), 8, pad: 0);
            case "resize": return Op("AveragePool", n => n.With("kernel_shape", 2, 2).With("strides", 2, 2), Op("Resize", Nearest, x, "", "scales"));
            case "squeeze and excite": return Op("Mul", x, Op("Sigmoid", Conv(Op("ReduceMean", n => n.With("axes", 2, 3), x), 8, pad: 0, kernel: 1)));
            case "clip": return Conv(Op("Clip", Conv(x, 8), "zero", "six"), 8);
            case "grouped": return Conv(Op("Relu", x), 8, group: 2);
            case "transposed": return Transposed(x);
            default: return Conv(Op("Add", Op("Mul", Op("Softplus", x), Constant(1, 8, 1, 1)), Constant(1, 8, 1, 1)), 8);
        }
    }

    private string Gate(string x) => Op("Clip", Op("Add", x, "three"), "zero", "six");

    private string Split(string x)
    {
        var (a, b) = ($"v{_made++}", $"v{_made++}");
        _model.Node("Split", x + " parts", $"{a} {b}", n => n.With("axis", 1));
        return Conv(Op("Concat", n => n.With("axis", 1), Op("Relu", b), a), 8);
    }

    private string Transposed(string x)
    {
        var name = $"v{_made++}";
        _model.Constant(name + ".weight", Uneven(1, 8, 8, 3, 3));
        return Op("ConvTranspose", n => n.With("pads", 1, 1, 1, 1), Op("Relu", x), name + ".weight");
    }

    private string Conv(string x, int from, int group = 1, int pad = 1, int kernel = 3)
    {
        var name = $"conv{_made++}";
        _model.Constant(name + ".weight", Uneven(0, 8, from / group, kernel, kernel)).Constant(name + ".bias", Uneven(0, 8));
        return Op("Conv", n => n.With("group", (long)group).With("kernel_shape", kernel, kernel).With("pads", pad, pad, pad, pad),
            x, name + ".weight", name + ".bias");
    }

    private string Constant(float spread, params long[] lengths)
    {
        var name = $"c{_made++}";
        _model.Weights(name, spread, lengths);
        return name;
    }

    /// <summary>Channels of very different sizes.</summary>
    private Tensor Uneven(int axis, params long[] lengths)
    {
        var tensor = _model.RandomTensor(Shape.Of(lengths), 1);
        var values = tensor.Span<float>().ToArray();
        var inner = lengths.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] sizes = [.. Enumerable.Range(0, (int)lengths[axis]).Select(_ => MathF.Pow(2, _random.Next(-6, 3)))];
        for (var i = 0; i < values.Length; i++) values[i] *= sizes[i / inner % lengths[axis]];
        return Tensor.Of(tensor.Shape, values);
    }

    private static Node Nearest(Node node) =>
        node.With("mode", "nearest").With("coordinate_transformation_mode", "asymmetric").With("nearest_mode", "floor");

    private string Op(string opType, params string[] inputs) => Op(opType, n => n, inputs);

    private string Op(string opType, Func<Node, Node> attributes, params string[] inputs)
    {
        var name = $"v{_made++}";
        _model.Node(opType, string.Join(' ', inputs.Select(i => i.Length == 0 ? "_" : i)), name, attributes);
        return name;
    }
}
