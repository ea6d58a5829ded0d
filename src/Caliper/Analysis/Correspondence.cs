using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>An int8 activation and the float value it stands for.</summary>
/// <param name="Name">Its name in the int8 network.</param>
/// <param name="Value">The float value's name in the fused float network.</param>
/// <param name="Layer">The layer that makes it, or the graph input's name.</param>
/// <param name="IsInput">Whether it is an input of the graph.</param>
/// <param name="Scale">Name of the constant that holds its scale.</param>
/// <param name="ZeroPoint">Name of the constant that holds its zero point.</param>
/// <param name="Parameters">Both.</param>
internal sealed record Int8Tensor(string Name, string Value, string Layer, bool IsInput, string Scale, string ZeroPoint, QuantizationParameters Parameters);

/// <summary>An int8 weight and the float initializer it was made from.</summary>
/// <param name="Layer">The layer that reads it.</param>
/// <param name="Initializer">The float initializer.</param>
/// <param name="Integers">The int8 elements.</param>
/// <param name="Parameters">Scales and zero points.</param>
internal sealed record Int8Weight(string Layer, string Initializer, Tensor Integers, QuantizationParameters Parameters);

/// <summary>
/// Which tensors of an int8 network stand for which values of the float network. QDQ files keep the names of what they quantize:
/// a QuantizeLinear reads the float value, a DequantizeLinear gives it back, or the integers are called after it.
/// </summary>
internal sealed class Correspondence
{
    // "_quantized" and "_clipped" are Caliper's; the others are those of ONNX Runtime's quantizer.
    private static readonly string[] Suffixes = ["_quantized", "_clipped", "_QuantizeLinear_Output", "_QuantizeLinear"];

    private Correspondence(ImmutableArray<Int8Tensor> tensors, ImmutableArray<Int8Weight> weights) => (Tensors, Weights) = (tensors, weights);

    /// <summary>Activations in execution order of the float network.</summary>
    public ImmutableArray<Int8Tensor> Tensors { get; }

    /// <summary>Weights in execution order.</summary>
    public ImmutableArray<Int8Weight> Weights { get; }

    /// <summary>Finds what belongs together.</summary>
    /// <exception cref="CaliperException">Nothing does.</exception>
    public static Correspondence Of(FusedModel reference, Graph int8)
    {
        if (int8.Nodes.FirstOrDefault(n => n.OpType.StartsWith("QLinear", StringComparison.Ordinal)) is { } integer)
            throw new CaliperException($"The int8 model is in QOperator form ('{integer.Name}' is a {integer.OpType}); compare the QDQ form, which holds the same numbers (--onnx-form qdq).");
        var graph = reference.Model.Graph;
        var order = new Dictionary<string, (int Place, string Layer)>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs) order[input.Name] = (order.Count, input.Name);
        foreach (var layer in reference.Layers)
            foreach (var output in layer.Outputs) order[output] = (order.Count, layer.Name);

        var tensors = new Dictionary<string, Int8Tensor>(StringComparer.Ordinal);
        // What readers dequantize is the value as they see it; what is only made counts where nobody dequantizes it.
        foreach (var node in int8.Nodes.Where(n => n.Is("DequantizeLinear") && int8.Constant(n.Inputs[0]) is null))
            Add(node.Inputs[0], node, [node.Output]);
        foreach (var node in int8.Nodes.Where(n => n.Is("QuantizeLinear")))
            Add(node.Output, node, [node.Inputs[0]]);
        var weights = reference.Layers.SelectMany(layer => WeightsOf(layer, graph, int8)).ToImmutableArray();
        if (tensors.Count == 0)
            throw new CaliperException("The int8 model has no QuantizeLinear or DequantizeLinear of a value that the float model has. Give the float model it was made from.");
        return new Correspondence([.. tensors.Values.OrderBy(t => order[t.Value].Place)], weights);

        void Add(string name, Node node, string[] alsoCalled)
        {
            var value = alsoCalled.Append(Stem(name)).FirstOrDefault(order.ContainsKey);
            if (value is null || tensors.ContainsKey(value) || ParametersOf(int8, node) is not { Axis: null } parameters) return;
            tensors[value] = new(name, value, order[value].Layer, graph.Inputs.Any(i => i.Name == value), node.Inputs[1], node.Input(2), parameters);
        }
    }

    private static IEnumerable<Int8Weight> WeightsOf(Fusion.Layer layer, Graph graph, Graph int8)
    {
        if (graph.Constant(layer.Operation.Input(1)) is not { Type: ElementType.Float32, Shape.Rank: >= 2 } floats) yield break;
        var initializer = layer.Operation.Inputs[1];
        var node = int8.Nodes.FirstOrDefault(n => n.Is("DequantizeLinear") && Stem(n.Inputs[0]) == initializer
            && int8.Constant(n.Inputs[0]) is { } integers && integers.Shape == floats.Shape);
        if (node is not null && ParametersOf(int8, node) is { } parameters)
            yield return new Int8Weight(layer.Name, initializer, int8.Constant(node.Inputs[0])!, parameters);
    }

    private static string Stem(string name)
    {
        foreach (var suffix in Suffixes) if (name.EndsWith(suffix, StringComparison.Ordinal)) return name[..^suffix.Length];
        return name;
    }

    /// <summary>Null where scale or zero point are computed, of a type that is not 8 bits wide, or cut into blocks.</summary>
    private static QuantizationParameters? ParametersOf(Graph int8, Node node)
    {
        if (int8.Constant(node.Inputs[1]) is not { Type: ElementType.Float32 } scale || node.Int("block_size", 0) != 0) return null;
        if (int8.Constant(node.Input(2)) is not { Type: ElementType.UInt8 or ElementType.Int8 } zeroPoint) return null;
        var type = QuantizedType.Of(zeroPoint.Type);
        int[] zeros = zeroPoint.Type == ElementType.UInt8 ? [.. zeroPoint.Span<byte>().ToArray().Select(z => (int)z)] : [.. zeroPoint.Span<sbyte>().ToArray().Select(z => (int)z)];
        if (scale.Count == 1) return QuantizationParameters.PerTensor(type, scale.Span<float>()[0], zeros[0]);
        return QuantizationParameters.PerChannel(type, [.. scale.Span<float>()], [.. zeros], (int)node.Int("axis", 1));
    }
}
