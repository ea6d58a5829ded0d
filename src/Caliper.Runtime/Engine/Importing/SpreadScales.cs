using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>QuantizeLinear and DequantizeLinear as they are defined: of activations whose scales are those of channels or blocks, or computed by
/// a run.</summary>
internal static class SpreadScales
{
    /// <summary>The nearest integer of the quotient, from the zero point, within bounds.</summary>
    public static bool Quantize(GraphImporter graph, Node node)
    {
        var type = node.Input(2).Length > 0 ? graph.Find(node.Inputs[2])?.Type : (ElementType)node.Int("output_dtype", (long)ElementType.UInt8);
        if (type is not (ElementType.UInt8 or ElementType.Int8) || !graph.HasFloats(node.Inputs[0]) || !graph.HasFloats(node.Inputs[1])
            || node.Int("precision", 0) is not (0 or (long)ElementType.Float32))
            throw GraphImporter.Unsupported(node, "it does not quantize float32 to 8 bits, or to 16 with one constant scale");
        var parts = new Lowering(graph, node);
        var integer = parts.Of("Round", parts.Of("Div", node.Inputs[0], Spread(graph, parts, node, node.Inputs[1])));
        if (node.Input(2).Length > 0) integer = parts.Of("Add", integer, Spread(graph, parts, node, parts.Floats(node.Inputs[2])));
        var (least, most) = type is ElementType.Int8 ? (-128f, 127f) : (0f, 255f);
        var bounded = parts.Of("Clip", integer, parts.Constant(Tensor.Scalar(least)), parts.Constant(Tensor.Scalar(most)));
        return parts.End(parts.Part("Cast", bounded).With("to", (long)type));
    }

    /// <summary>How far an integer is from the zero point, times the scale.</summary>
    public static bool Dequantize(GraphImporter graph, Node node)
    {
        if (!graph.HasFloats(node.Inputs[1])) throw GraphImporter.Unsupported(node, "its scale is not float32");
        var parts = new Lowering(graph, node);
        var real = parts.Floats(node.Inputs[0]);
        if (node.Input(2).Length > 0) real = parts.Of("Sub", real, Spread(graph, parts, node, parts.Floats(node.Inputs[2])));
        return parts.End(parts.Part("Mul", real, Spread(graph, parts, node, node.Inputs[1])));
    }

    /// <summary>One number for each element, or as few as stand for all of them.</summary>
    private static string Spread(GraphImporter graph, Lowering parts, Node node, string scales)
    {
        var (x, s) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(scales));
        if (s.All(length => length == 1)) return parts.Reshaped(scales);
        var (axis, block) = (NodeAxes.Of(node, x.Length, 1), node.Int("block_size", 0));
        if (block == 0 && s.Length == 1 && s[0] == x[axis])
            return parts.Reshaped(scales, [.. x[axis..].Select((_, i) => i == 0 ? (long)s[0] : 1)]);
        if (block <= 0 || s.Length != x.Length || s.Where((length, a) => length != (a == axis ? (x[a] + block - 1) / block : x[a])).Any())
            throw GraphImporter.Unsupported(node, $"its scales of {Values.Sizes.Text(s)} are none of its axis {axis} or of blocks of it");
        var apart = parts.Of("Unsqueeze", scales, parts.Numbers(axis + 1));
        var repeated = parts.Of("Expand", apart,
            parts.Numbers([.. s[..(axis + 1)].Select(l => (long)l), block, .. s[(axis + 1)..].Select(l => (long)l)]));
        var spread = parts.Reshaped(repeated, [.. s.Select((length, a) => a == axis ? length * block : length)]);
        return s[axis] * block == x[axis] ? spread
            : parts.Of("Slice", spread, parts.Numbers(0), parts.Numbers(x[axis]), parts.Numbers(axis));
    }
}
