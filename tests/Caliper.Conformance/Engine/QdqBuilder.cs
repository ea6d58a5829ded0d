using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Writes small quantized networks in QDQ form, as exporters do: every operator between DequantizeLinear and
/// QuantizeLinear. Names of values are names of bytes.</summary>
internal sealed class QdqBuilder(int seed)
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);
    private readonly List<Value> _inputs = [];
    private readonly Dictionary<string, (float Scale, int Zero, ElementType Type)> _scales = new(StringComparer.Ordinal);
    private readonly Random _random = new(seed);
    private int _count;

    /// <summary>Whether activations are int8 instead of uint8.</summary>
    public bool Signed { get; init; }

    /// <summary>Whether what is quantized from here on has 16 bits instead of 8; steps are as much finer.</summary>
    public bool Words { get; set; }

    /// <summary>The domain of QuantizeLinear and DequantizeLinear.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Whether biases are floats, not int32.</summary>
    public bool FloatBias { get; init; }

    /// <summary>Version of the ONNX operators.</summary>
    public long Opset { get; init; } = 13;

    /// <summary>What becomes of the numbers.</summary>
    public Random Random => _random;

    /// <summary>A float input, quantized; -1 is a free axis.</summary>
    public string Input(params long[] shape)
    {
        var name = Name("input");
        _inputs.Add(new Value(name, ElementType.Float32, ShapeOf(shape)));
        return Quantize(name, Scale(4f / 255), Zero(128));
    }

    /// <summary>An input of whole numbers, as it is; -1 is a free axis.</summary>
    public string Whole(ElementType type, params long[] shape)
    {
        _inputs.Add(new Value(Name("whole"), type, ShapeOf(shape)));
        return _inputs[^1].Name;
    }

    private static Shape ShapeOf(long[] lengths) => new([.. lengths.Select(l => l < 0 ? Dimension.Named("N") : Dimension.Of(l))]);

    /// <summary>A convolution with random weights over one or two axes besides batch and channels.</summary>
    public string Conv(string x, int channels, int outputs, int kernel, int stride = 1, int pad = 0, int dilation = 1, int groups = 1,
        bool relu = false, bool perChannel = true, bool unsignedWeights = false, int axes = 2)
    {
        var products = channels / groups * (int)Math.Pow(kernel, axes);
        var shape = Shape.Of([outputs, channels / groups, .. Enumerable.Repeat((long)kernel, axes)]);
        var weights = Weights(shape, perChannel ? outputs : 1, 0, unsignedWeights, out var scales);
        var node = new Node(Name("conv"), "Conv", [Dequantized(x), weights, Bias(outputs, _scales[x].Scale, scales)], [Name("sum")])
            .With("pads", [.. Enumerable.Repeat((long)pad, 2 * axes)]).With("strides", [.. Enumerable.Repeat((long)stride, axes)])
            .With("dilations", [.. Enumerable.Repeat((long)dilation, axes)]).With("group", groups);
        return Finish(node, 0.15f * MathF.Sqrt(products), relu);
    }

    /// <summary>A transposed convolution with random weights: input channels × outputs of the group × window. Per channel, each place in a group
    /// has a scale; where a group is a single input channel, each group.</summary>
    public string ConvTranspose(string x, long[] shape, int outputs, int products, Func<Node, Node> configure, bool relu = false,
        bool perChannel = true)
    {
        var ofGroup = (int)shape[1];
        var axis = outputs > ofGroup && shape[0] == outputs / ofGroup ? 0 : 1;
        var weights = Weights(Shape.Of(shape), perChannel ? (int)shape[axis] : 1, axis, false, out var own);
        float[] scales = own.Length == 1 ? own : [.. Enumerable.Range(0, outputs).Select(o => own[axis == 0 ? o / ofGroup : o % ofGroup])];
        var node = new Node(Name("up"), "ConvTranspose", [Dequantized(x), weights, Bias(outputs, _scales[x].Scale, scales)], [Name("sum")]);
        return Finish(configure(node), 0.15f * MathF.Sqrt(products), relu);
    }

    /// <summary>Rows of any rank times a random matrix.</summary>
    public string MatMul(string x, int inputs, int outputs)
    {
        var weights = Weights(Shape.Of(inputs, outputs), 1, 1, false, out _);
        var node = new Node(Name("matmul"), "MatMul", [Dequantized(x), weights], [Name("sum")]);
        return Finish(node, 0.15f * MathF.Sqrt(inputs), false);
    }

    /// <summary>A fully connected layer with random weights.</summary>
    public string Gemm(string x, int inputs, int outputs, bool relu = false, bool transposed = true)
    {
        var shape = transposed ? Shape.Of(outputs, inputs) : Shape.Of(inputs, outputs);
        var weights = Weights(shape, outputs, transposed ? 0 : 1, false, out var scales);
        var node = new Node(Name("gemm"), "Gemm", [Dequantized(x), weights, Bias(outputs, _scales[x].Scale, scales)], [Name("sum")])
            .With("transB", transposed ? 1 : 0);
        return Finish(node, 0.15f * MathF.Sqrt(inputs), relu);
    }

    /// <summary>Any operator of quantized operands, its result quantized anew.</summary>
    public string Apply(
        string operation, float range, string[] inputs, Func<Node, Node>? configure = null, bool relu = false, params string[] further)
    {
        var node = new Node(Name(operation), operation, [.. inputs.Select(Dequantized), .. further], [Name("real")]);
        return Finish(configure?.Invoke(node) ?? node, range, relu);
    }

    /// <summary>An operator whose result has a scale that is known beforehand.</summary>
    public string Apply(string operation, float scale, int zero, string[] inputs, Func<Node, Node> configure)
    {
        var node = configure(new Node(Name(operation), operation, [.. inputs.Select(Dequantized)], [Name("real")]));
        _nodes.Add(node);
        return Quantize(node.Output, scale, zero);
    }

    /// <summary>Any operator that keeps scale and zero point.</summary>
    public string Keep(string operation, string[] inputs, Func<Node, Node>? configure = null, params string[] further)
    {
        var node = new Node(Name(operation), operation, [.. inputs.Select(Dequantized), .. further], [Name("real")]);
        node = configure?.Invoke(node) ?? node;
        _nodes.Add(node);
        return Quantize(node.Output, _scales[inputs[0]]);
    }

    /// <summary>What some bytes stand for.</summary>
    public string Real(string bytes) => Dequantized(bytes);

    /// <summary>A float operator on names of floats; its result stays float.</summary>
    public string Float(string operation, string[] inputs, Func<Node, Node>? configure = null)
    {
        var node = new Node(Name(operation), operation, [.. inputs], [Name("real")]);
        _nodes.Add(configure?.Invoke(node) ?? node);
        return node.Output;
    }

    /// <summary>A node whose names are its own.</summary>
    public void Add(Node node) => _nodes.Add(node);

    /// <summary>The bytes of some floats, which lie within a range around 0.</summary>
    public string Quantized(string real, float range) => Quantize(real, Scale(2 * range / 255), Zero(128));

    /// <summary>Random floats between -1 and 1.</summary>
    public string Floats(params long[] shape) => Constant(Tensor.Of(Shape.Of(shape),
        Enumerable.Range(0, (int)Shape.Of(shape).ElementCount).Select(_ => _random.NextSingle() * 2 - 1).ToArray()));

    /// <summary>A constant that some operator takes besides its operands.</summary>
    public string Constant(Tensor tensor)
    {
        var name = Name("constant");
        _constants[name] = tensor;
        return name;
    }

    /// <summary>A constant operand of bytes.</summary>
    public string Bytes(params long[] shape)
    {
        var bytes = new byte[Shape.Of(shape).ElementCount];
        _random.NextBytes(bytes);
        var name = Constant(new Tensor(Type, Shape.Of(shape), bytes));
        _scales[name] = (Scale(2f / 255), Zero(128), Type);
        return name;
    }

    /// <summary>The network that returns some values, as bytes or as what they stand for.</summary>
    public Model Build(bool asFloats, params string[] outputs)
    {
        var named = outputs.Select(o => asFloats ? Dequantized(o) : o).Distinct().ToArray();
        var graph = new Graph("quantized", [.. _inputs], [.. named.Select(n => new Value(n, ElementType.Undefined, null))], _nodes,
            _constants.ToImmutableSortedDictionary(StringComparer.Ordinal));
        var opsets = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", Opset);
        foreach (var domain in _nodes.Select(n => n.Domain).Where(d => d.Length > 0).Distinct()) opsets = opsets.Add(domain, 1);
        return new Model(graph, opsets) { IrVersion = Opset > 13 ? 10 : 7 };
    }

    /// <summary>The network that returns what a float operator makes of some bytes.</summary>
    public Model BuildFloat(string x, string operation, Func<Node, Node>? configure = null)
    {
        var node = new Node(Name(operation), operation, [Dequantized(x)], [Name("real")]);
        _nodes.Add(configure?.Invoke(node) ?? node);
        return Build(asFloats: false, node.Output);
    }

    /// <summary>The network without the QuantizeLinear at the end: it returns the floats from which some bytes were made.</summary>
    public Model BuildUnquantized(string bytes)
    {
        var last = _nodes.Single(n => n.Output == bytes);
        _nodes.Remove(last);
        return Build(asFloats: false, last.Inputs[0]);
    }

    /// <summary>The network that returns ONNX Runtime's product of two tensors of bytes as floats.</summary>
    public Model BuildProductToFloat(string a, string b)
    {
        string[] Parts(Func<(float Scale, int Zero, ElementType Type), string> part) => [part(_scales[a]), part(_scales[b])];
        var node = new Node(Name("matmul"), "MatMulIntegerToFloat", [a, b, .. Parts(s => Constant(Tensor.Scalar(s.Scale))),
            .. Parts(s => ZeroPoint(s.Zero, s.Type))], [Name("real")])
        { Domain = "com.microsoft" };
        _nodes.Add(node);
        return Build(asFloats: false, node.Output);
    }

    private ElementType Type => (Signed, Words) switch
    {
        (false, false) => ElementType.UInt8,
        (true, false) => ElementType.Int8,
        (false, true) => ElementType.UInt16,
        (true, true) => ElementType.Int16,
    };

    private string Finish(Node node, float range, bool relu)
    {
        _nodes.Add(node);
        var real = node.Output;
        if (relu) _nodes.Add(new Node(Name("relu"), "Relu", [real], [real = Name("positive")]));
        return Quantize(real, Scale((relu ? 1 : 2) * range / 255), Zero(relu ? 0 : 128));
    }

    // The upper and the lower byte of a word that stands for 0 differ, but for the least one.
    private string Quantize(string real, float scale, int zero) =>
        Quantize(real, Words ? (scale / 257, 256 * zero + (7 * zero & 255), Type) : (scale, zero, Type));

    private string Quantize(string real, (float Scale, int Zero, ElementType Type) to)
    {
        var name = Name("bytes");
        _scales[name] = to;
        _nodes.Add(new Node(Name("QuantizeLinear"), "QuantizeLinear", [real, Constant(Tensor.Scalar(to.Scale)), ZeroPoint(to.Zero, to.Type)],
            [name])
        { Domain = Domain });
        return name;
    }

    private string Dequantized(string bytes)
    {
        var (scale, zero, type) = _scales[bytes];
        var name = Name("real");
        _nodes.Add(new Node(Name("DequantizeLinear"), "DequantizeLinear", [bytes, Constant(Tensor.Scalar(scale)), ZeroPoint(zero, type)],
            [name])
        { Domain = Domain });
        return name;
    }

    private string ZeroPoint(int zero, ElementType type) => Constant(type switch
    {
        ElementType.Int8 => Tensor.Scalar((sbyte)(zero - 128)),
        ElementType.UInt16 => Tensor.Scalar((ushort)zero),
        ElementType.Int16 => Tensor.Scalar((short)(zero - 0x8000)),
        _ => Tensor.Scalar((byte)zero),
    });

    /// <summary>Random weights of 8 bits, dequantized.</summary>
    public string Weights(Shape shape, int channels, int axis, bool unsigned, out float[] scales)
    {
        var bytes = new byte[shape.ElementCount];
        _random.NextBytes(bytes);
        var values = scales = [.. Enumerable.Range(0, channels).Select(_ => 0.004f * (0.5f + _random.NextSingle()))];
        var integers = Constant(new Tensor(unsigned ? ElementType.UInt8 : ElementType.Int8, shape, bytes));
        var zero = unsigned ? channels == 1 ? Tensor.Scalar((byte)128) : Tensor.Vector([.. values.Select(_ => (byte)128)])
            : channels == 1 ? Tensor.Scalar((sbyte)0) : Tensor.Vector([.. values.Select(_ => (sbyte)0)]);
        var name = Name("weights");
        var node = new Node(Name("DequantizeLinear"), "DequantizeLinear",
            [integers, Constant(channels == 1 ? Tensor.Scalar(values[0]) : Tensor.Vector(values)), Constant(zero)], [name]);
        _nodes.Add(channels == 1 ? node : node.With("axis", axis));
        return name;
    }

    private string Bias(int outputs, float inputScale, float[] weightScales)
    {
        float[] scales = [.. weightScales.Select(s => inputScale * s)];
        var steps = Enumerable.Range(0, outputs).Select(_ => _random.Next(-2000, 2000)).ToArray();
        if (FloatBias) return Constant(Tensor.Vector([.. steps.Select((s, i) => s * scales[scales.Length == 1 ? 0 : i])]));
        var name = Name("bias");
        var node = new Node(Name("DequantizeLinear"), "DequantizeLinear", [Constant(Tensor.Vector(steps)),
            Constant(scales.Length == 1 ? Tensor.Scalar(scales[0]) : Tensor.Vector(scales)),
            Constant(scales.Length == 1 ? Tensor.Scalar(0) : Tensor.Vector(new int[outputs]))], [name]);
        _nodes.Add(scales.Length == 1 ? node : node.With("axis", 0));
        return name;
    }

    private float Scale(float about) => about * (0.8f + 0.4f * _random.NextSingle());

    private int Zero(int about) => Math.Clamp(about + (about == 0 ? 0 : _random.Next(-40, 40)), 0, 255);

    private string Name(string what) => $"{what}_{_count++}";
}
