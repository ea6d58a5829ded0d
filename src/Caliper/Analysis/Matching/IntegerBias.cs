using System.Numerics.Tensors;
using Caliper.Graphs;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Analysis.Matching;

/// <summary>What a layer of an int8 network adds to its products, as floats: a bias is corrected for what rounding the weights takes.</summary>
internal static class IntegerBias
{
    /// <summary>The bias of the layer that multiplies with some weights; null where it has none, or it is computed.</summary>
    /// <param name="int8">The int8 network.</param>
    /// <param name="node">What reads the weights: a DequantizeLinear, or an integer operator.</param>
    /// <param name="weights">The weights.</param>
    public static Tensor? Of(Graph int8, Node node, IntegerOperand weights)
    {
        if (node.Is("DequantizeLinear"))
        {
            var name = int8.ConsumersOf(node.Output).FirstOrDefault()?.Input(2) ?? "";
            if (int8.Constant(name) is { } floats) return floats.Type is ElementType.Float32 ? floats : null;
            return int8.ProducerOf(name) is { OpType: "DequantizeLinear" } made && int8.Constant(made.Input(0)) is { Type: ElementType.Int32 } stored
                ? Scaled(stored, int8.Constant(made.Input(1))) : null;
        }
        var bias = node.OpType switch { "QLinearConv" => node.Input(8), "QGemm" => node.Input(6), _ => "" };
        if (int8.Constant(bias) is not { Type: ElementType.Int32 } integers) return null;
        if (int8.Constant(node.Input(1)) is not { Type: ElementType.Float32, Count: 1 } input) return null;
        if (int8.Constant(weights.Scale) is not { Type: ElementType.Float32 } scale) return null;
        var steps = new float[scale.Count];
        TensorPrimitives.Multiply(scale.Span<float>(), input.Span<float>()[0], steps);
        return Scaled(integers, Tensor.Vector(steps));
    }

    private static Tensor? Scaled(Tensor integers, Tensor? scales)
    {
        if (scales is not { Type: ElementType.Float32 } || (scales.Count != 1 && scales.Count != integers.Count)) return null;
        var stored = integers.Span<int>();
        var steps = scales.Span<float>();
        var floats = new float[stored.Length];
        for (var i = 0; i < floats.Length; i++) floats[i] = stored[i] * steps[steps.Length == 1 ? 0 : i];
        return Tensor.Vector(floats);
    }
}
