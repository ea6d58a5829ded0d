using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Conversion;

/// <summary>
/// The int8 graph while it is built: which values exist as integers, which as floats, and conversions between the two only
/// where somebody asks for the form that is not there. A float form made from an integer one keeps the value's original
/// name, so that graph outputs and subgraphs find it.
/// </summary>
internal sealed class IntegerGraph(Graph graph, Func<string, QuantizationParameters> parametersOf, Func<string, string> siteIdOf)
{
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _taken =
        [.. graph.Nodes.SelectMany(n => n.Outputs), .. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Keys];
    private readonly HashSet<string> _floats = [.. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Keys];
    private readonly Dictionary<string, string> _integers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _dequantized = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, Tensor> _initializers = graph.Initializers;

    /// <summary>Whether any value has 16 bits.</summary>
    public bool HasWide { get; private set; }

    /// <summary>The network being converted.</summary>
    public Graph Source => graph;

    public QuantizationParameters ParametersOf(string value) => parametersOf(value);

    public void Add(Node node) => _nodes.Add(node);

    /// <summary>A name nothing else has.</summary>
    public string NewName(string wanted)
    {
        var name = wanted;
        for (var i = 2; !_taken.Add(name); i++) name = $"{wanted}_{i}";
        return name;
    }

    /// <summary>Says that a value now exists as integers under a name of its own.</summary>
    public void HasInteger(string value, string name) => _integers[value] = name;

    /// <summary>Says that a value now exists as floats under its own name.</summary>
    public void HasFloat(string value) => _floats.Add(value);

    /// <summary>The value as integers, quantized here if only floats exist.</summary>
    public string Integer(string value)
    {
        if (_integers.TryGetValue(value, out var name)) return name;
        return _integers[value] = Quantize(value, value);
    }

    /// <summary>The value as floats, dequantized here if only integers exist.</summary>
    public string Float(string value) => _floats.Contains(value) ? value : Dequantized(value);

    /// <summary>The value as the floats that its integers stand for.</summary>
    public string Dequantized(string value)
    {
        if (_dequantized.TryGetValue(value, out var name)) return name;
        var integer = Integer(value);
        name = _floats.Contains(value) ? NewName(value + "_dequantized") : value;
        Dequantize(integer, ParametersOf(value), siteIdOf(value), name);
        return _dequantized[value] = name;
    }

    /// <summary>Appends a QuantizeLinear of a float tensor, with the scale and zero point of a value.</summary>
    public string Quantize(string floats, string value)
    {
        var name = NewName(value + "_quantized");
        Add(new Node(NewName(value + "_QuantizeLinear"), "QuantizeLinear", [floats, .. ScaleAndZeroPoint(value)], [name]));
        return name;
    }

    /// <summary>Appends a DequantizeLinear.</summary>
    public void Dequantize(string integers, QuantizationParameters parameters, string id, string output)
    {
        var node = new Node(NewName(output + "_DequantizeLinear"), "DequantizeLinear", [integers, .. ScaleAndZeroPoint(parameters, id)], [output]);
        // The standard's default axis is 1, which is wrong for the weights of a convolution: always say which.
        Add(parameters.Axis is { } axis ? node.With("axis", (long)axis) : node);
    }

    /// <summary>Names of the constants that hold a value's scale and zero point.</summary>
    public string[] ScaleAndZeroPoint(string value) => ScaleAndZeroPoint(ParametersOf(value), siteIdOf(value));

    /// <summary>Names of the constants that hold a scale and zero point; equal ones of one owner exist once.</summary>
    public string[] ScaleAndZeroPoint(QuantizationParameters parameters, string id)
    {
        var scale = Constant(id + "_scale", parameters.Axis is null ? Tensor.Scalar(parameters.Scale) : Tensor.Vector(parameters.Scales.ToArray()));
        return [scale, Constant(id + "_zero_point", ZeroPoints(parameters))];
    }

    /// <summary>Adds a constant; the same constant asked for again under the same name exists once.</summary>
    public string Constant(string wanted, Tensor tensor)
    {
        if (_initializers.TryGetValue(wanted, out var existing) && existing.Type == tensor.Type && existing.Shape == tensor.Shape
            && existing.Bytes.Span.SequenceEqual(tensor.Bytes.Span)) return wanted;
        var name = NewName(wanted);
        _initializers = _initializers.Add(name, tensor);
        return name;
    }

    public Graph Finish()
    {
        foreach (var output in graph.Outputs) Float(output.Name);
        return graph.With(_nodes, _initializers);
    }

    private Tensor ZeroPoints(QuantizationParameters parameters)
    {
        var shape = parameters.Axis is null ? Shape.Scalar : Shape.Of(parameters.ZeroPoints.Length);
        HasWide |= parameters.Type.Storage is ElementType.UInt16;
        return parameters.Type.Storage switch
        {
            ElementType.UInt8 => Tensor.Of(shape, parameters.ZeroPoints.Select(z => (byte)z).ToArray()),
            ElementType.Int8 => Tensor.Of(shape, parameters.ZeroPoints.Select(z => (sbyte)z).ToArray()),
            ElementType.UInt16 => Tensor.Of(shape, parameters.ZeroPoints.Select(z => (ushort)z).ToArray()),
            _ => Tensor.Of(shape, parameters.ZeroPoints.ToArray()),
        };
    }
}
