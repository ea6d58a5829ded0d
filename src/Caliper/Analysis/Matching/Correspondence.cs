using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Analysis.Matching;

/// <summary>An int8 activation and the float value it stands for.</summary>
/// <param name="Name">Its name in the int8 network.</param>
/// <param name="Value">The float value's name in the fused float network.</param>
/// <param name="Layer">The layer that makes it, or the graph input's name.</param>
/// <param name="IsInput">Whether it is an input of the graph.</param>
/// <param name="Scale">Name of the constant that holds its scale.</param>
/// <param name="ZeroPoint">Name of the constant that holds its zero point.</param>
/// <param name="Parameters">Both.</param>
internal sealed record Int8Tensor(string Name, string Value, string Layer, bool IsInput, string Scale, string ZeroPoint,
    QuantizationParameters Parameters)
{
    /// <summary>Whether others than those that multiply the value read it in float.</summary>
    public bool IsAlsoFloat { get; init; }
}

/// <summary>An int8 weight and the float initializer it was made from.</summary>
/// <param name="Layer">The layer that reads it.</param>
/// <param name="Initializer">The float initializer.</param>
/// <param name="Integers">The int8 elements.</param>
/// <param name="Parameters">Scales and zero points.</param>
internal sealed record Int8Weight(string Layer, string Initializer, Tensor Integers, QuantizationParameters Parameters)
{
    /// <summary>The float initializer of the layer's bias, and what the int8 network adds in its place; null without one.</summary>
    public (string Initializer, Tensor Added)? Bias { get; init; }
}

/// <summary>
/// Which tensors of an int8 network stand for which values of the float network. Quantizers keep the names of what they quantize:
/// a QuantizeLinear reads the float value, a DequantizeLinear gives it back, or the integers are called after it.
/// </summary>
internal sealed class Correspondence
{
    // "_quantized" and "_clipped" are Caliper's; the others are those of ONNX Runtime's quantizer.
    private static readonly string[] Suffixes = ["_quantized", "_clipped", "_QuantizeLinear_Output", "_QuantizeLinear"];

    private Correspondence(ImmutableArray<Int8Tensor> tensors, ImmutableArray<Int8Weight> weights, ImmutableArray<string> unmatched) =>
        (Tensors, Weights, Unmatched) = (tensors, weights, unmatched);

    /// <summary>Activations in execution order of the float network.</summary>
    public ImmutableArray<Int8Tensor> Tensors { get; }

    /// <summary>Weights in execution order.</summary>
    public ImmutableArray<Int8Weight> Weights { get; }

    /// <summary>Values that are int8 and that the float network does not have: as a rule it is not the one that was quantized.</summary>
    public ImmutableArray<string> Unmatched { get; }

    /// <summary>Finds what belongs together. Where the network has no int8 activation at all, there are none.</summary>
    /// <exception cref="CaliperException">There are int8 activations, and none belongs to the float network.</exception>
    public static Correspondence Of(FusedModel reference, Graph int8)
    {
        var graph = reference.Model.Graph;
        var order = OrderOf(reference);
        var tensors = new Dictionary<string, Int8Tensor>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var unmatched = new SortedSet<string>(StringComparer.Ordinal);
        // What readers see is the value; what is only made counts where nobody reads it so.
        foreach (var node in int8.Nodes)
            foreach (var operand in IntegerOperands.ReadBy(node)) Add(operand, node.Is("DequantizeLinear") ? node.Output : null, node);
        foreach (var node in int8.Nodes)
            foreach (var operand in IntegerOperands.MadeBy(node)) Add(operand, node.Is("QuantizeLinear") ? node.Inputs[0] : null, node);
        if (tensors.Count == 0 && unmatched.Count > 0)
            throw new CaliperException("The int8 model has no quantized value that the float model has. Give the float model it was made from.");
        var constants = int8.Nodes.SelectMany(n => IntegerOperands.ReadBy(n).Select(o => (Operand: o, Node: n)))
            .Where(c => int8.Constant(c.Operand.Name) is not null).ToLookup(c => Stem(c.Operand.Name));
        return new Correspondence([.. tensors.Values.OrderBy(t => order[t.Value].Place)],
            [.. reference.Layers.SelectMany(layer => WeightsOf(layer, graph, int8, constants))], [.. unmatched]);

        void Add(IntegerOperand operand, string? alsoCalled, Node node)
        {
            if (int8.Constant(operand.Name) is not null) return;
            var value = alsoCalled is not null && order.ContainsKey(alsoCalled) ? alsoCalled : Stem(operand.Name);
            if (!order.TryGetValue(value, out var made))
            {
                unmatched.Add(value);
                return;
            }
            if (tensors.ContainsKey(value) || ParametersOf(int8, operand, node, 0) is not { Axis: null } parameters || !taken.Add(operand.Name))
                return;
            var isInput = graph.Inputs.Any(i => i.Name == value);
            tensors[value] = new(operand.Name, value, made.Layer, isInput, operand.Scale, operand.ZeroPoint, parameters)
            {
                IsAlsoFloat = IsReadInFloat(int8, value),
            };
        }
    }

    /// <summary>The same without activations of rows that numbers choose: those of the two networks do not belong together, and neither do their
    /// numbers.</summary>
    public Correspondence WithoutChosen(RowChoices choices) =>
        choices.HasAny ? new([.. Tensors.Where(t => !choices.IsChosen(t.Value))], Weights, Unmatched) : this;

    /// <summary>Each value's place in execution order, and what makes it.</summary>
    private static Dictionary<string, (int Place, string Layer)> OrderOf(FusedModel reference)
    {
        var order = new Dictionary<string, (int Place, string Layer)>(StringComparer.Ordinal);
        foreach (var input in reference.Model.Graph.Inputs) order[input.Name] = (order.Count, input.Name);
        foreach (var layer in reference.Layers)
            foreach (var output in layer.Outputs) order[output] = (order.Count, layer.Name);
        return order;
    }

    private static bool IsReadInFloat(Graph int8, string value) =>
        int8.ProducerOf(value)?.Is("DequantizeLinear") is not true && int8.ConsumersOf(value).Any(n => !n.Is("QuantizeLinear"));

    private static IEnumerable<Int8Weight> WeightsOf(
        Layer layer, Graph graph, Graph int8, ILookup<string, (IntegerOperand Operand, Node Node)> constants)
    {
        if (TableOf(layer, graph, int8) is { } table)
        {
            yield return table;
            yield break;
        }
        var initializer = layer.Operation.Input(1);
        if (graph.Constant(initializer) is not { Type: ElementType.Float32, Shape.Rank: >= 2 } floats) yield break;
        foreach (var (operand, node) in constants[initializer])
        {
            var axis = OutputAxis.Of(layer.Operation, floats.Shape);
            if (int8.Constant(operand.Name)!.Shape != floats.Shape || ParametersOf(int8, operand, node, axis) is not { } parameters) continue;
            yield return new Int8Weight(layer.Name, initializer, int8.Constant(operand.Name)!, parameters)
            {
                Bias = IntegerBias.Of(int8, node, operand) is { } added && layer.Operation.Input(2) is { Length: > 0 } bias
                    && graph.Constant(bias) is { Type: ElementType.Float32 } before && before.Count == added.Count ? (bias, added) : null,
            };
            yield break;
        }
    }

    /// <summary>An embedding whose rows are chosen from int8, and multiplied by scales that the same indices choose.</summary>
    private static Int8Weight? TableOf(Layer layer, Graph graph, Graph int8)
    {
        if (!layer.OpType.Equals("Gather", StringComparison.Ordinal)) return null;
        var name = layer.Operation.Inputs[0];
        if (graph.Constant(name) is not { Type: ElementType.Float32, Shape.Rank: >= 2 } floats) return null;
        if (int8.Constant(name + Suffixes[0]) is not { Type: ElementType.Int8 } rows || rows.Shape != floats.Shape) return null;
        if (int8.Constant(name + "_scale") is not { Type: ElementType.Float32 } scales || scales.Count != rows.Shape[0].Length) return null;
        return new Int8Weight(layer.Name, name, rows,
            QuantizationParameters.PerChannel(QuantizedType.Of(ElementType.Int8), [.. scales.Span<float>()], [.. new int[scales.Count]], 0));
    }

    private static string Stem(string name)
    {
        foreach (var suffix in Suffixes) if (name.EndsWith(suffix, StringComparison.Ordinal)) return name[..^suffix.Length];
        return name;
    }

    /// <summary>Null where scale or zero point are computed, of a type that is not 8 bits wide, or cut into blocks. Only a DequantizeLinear
    /// says itself along which axis scales lie.</summary>
    private static QuantizationParameters? ParametersOf(Graph int8, IntegerOperand operand, Node node, int axis)
    {
        if (int8.Constant(operand.Scale) is not { Type: ElementType.Float32 } scale || node.Int("block_size", 0) != 0) return null;
        if (int8.Constant(operand.ZeroPoint) is not { Type: ElementType.UInt8 or ElementType.Int8 } zeroPoint) return null;
        var type = QuantizedType.Of(zeroPoint.Type);
        int[] zeros = zeroPoint.Type == ElementType.UInt8
            ? [.. zeroPoint.Span<byte>().ToArray().Select(z => (int)z)]
            : [.. zeroPoint.Span<sbyte>().ToArray().Select(z => (int)z)];
        if (scale.Count == 1) return QuantizationParameters.PerTensor(type, scale.Span<float>()[0], zeros[0]);
        return QuantizationParameters.PerChannel(type, [.. scale.Span<float>()], [.. zeros],
            node.Is("DequantizeLinear") ? (int)node.Int("axis", 1) : axis);
    }
}
