using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Preparation;

/// <summary>
/// Rounding of float values to 256 levels inside a float graph, whose scale, zero point and whether it happens at all are graph
/// inputs, so that they can change from call to call.
/// </summary>
/// <param name="id">What the inputs are named after; all values that share a scale share it.</param>
internal readonly struct SwitchedRounding(string id)
{
    private string Scale => id + "/scale";

    private string ZeroPoint => id + "/zero_point";

    private string IsOn => id + "/on";

    private string IsOnElsewhere => id + "/on_elsewhere";

    /// <summary>The graph inputs that it reads.</summary>
    public IEnumerable<Value> Inputs(QuantizedType type) =>
    [
        new(Scale, ElementType.Float32, Shape.Scalar),
        new(ZeroPoint, type.Storage, Shape.Scalar),
        new(IsOn, ElementType.Boolean, Shape.Scalar),
    ];

    /// <summary>The graph input by which it is told whether others than those that multiply see the value rounded.</summary>
    public Value ElsewhereInput => new(IsOnElsewhere, ElementType.Boolean, Shape.Scalar);

    /// <summary>Appends what others than those that multiply see of a value whose rounding was appended.</summary>
    /// <returns>Its name.</returns>
    public string AppendElsewhere(List<Node> nodes, string value)
    {
        nodes.Add(new Node(Elsewhere(value), "Where", [IsOnElsewhere, value + "/dq", value], [Elsewhere(value)]));
        return Elsewhere(value);
    }

    /// <summary>Says whether others than those that multiply see the value rounded.</summary>
    public void SetElsewhere(Dictionary<string, Tensor> values, bool isOn) => values[IsOnElsewhere] = Tensor.Scalar(isOn);

    /// <summary>Appends the rounding of a value.</summary>
    /// <returns>The name of the rounded value.</returns>
    public string Append(List<Node> nodes, string value)
    {
        nodes.Add(new Node(value + "/q", "QuantizeLinear", [value, Scale, ZeroPoint], [value + "/q"]));
        nodes.Add(new Node(value + "/dq", "DequantizeLinear", [value + "/q", Scale, ZeroPoint], [value + "/dq"]));
        nodes.Add(new Node(Rounded(value), "Where", [IsOn, value + "/dq", value], [Rounded(value)]));
        return Rounded(value);
    }

    /// <summary>Writes what the graph shall round with, null for not at all, where it reads it.</summary>
    public void Set(Dictionary<string, Tensor> values, QuantizedType type, QuantizationParameters? parameters)
    {
        values[Scale] = Tensor.Scalar(parameters?.Scale ?? 1f);
        var zeroPoint = parameters?.ZeroPoint ?? 0;
        values[ZeroPoint] = type.Storage switch
        {
            ElementType.Int8 => Tensor.Scalar((sbyte)zeroPoint),
            ElementType.UInt16 => Tensor.Scalar((ushort)zeroPoint),
            _ => Tensor.Scalar((byte)zeroPoint),
        };
        values[IsOn] = Tensor.Scalar(parameters is not null);
    }

    /// <summary>The name of a value after rounding.</summary>
    public static string Rounded(string value) => value + "/rounded";

    /// <summary>The name of a value as others than those that multiply see it.</summary>
    public static string Elsewhere(string value) => value + "/elsewhere";
}
