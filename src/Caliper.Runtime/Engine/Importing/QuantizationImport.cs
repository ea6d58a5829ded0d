using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>QuantizeLinear and DequantizeLinear where they do more than mark what is quantized.</summary>
internal static class QuantizationImport
{
    public static bool Quantize(GraphImporter graph, Node node)
    {
        if (Targets.IsWordQuantize(graph, node)) return QuantizeWords(graph, node);
        if (!Targets.IsByteQuantize(graph, node)) return SpreadScales.Quantize(graph, node);
        var target = Targets.Own(graph, node, 1, 2);
        if (graph[node.Inputs[0]] is Source.Quantized quantized)
        {
            graph[node.Output] = new Source.Integers(Requantized(graph, node.Name, quantized.Operand, target.Scale), target.IsSigned);
            return true;
        }
        if (!graph.HasFloats(node.Inputs[0])) throw GraphImporter.Unsupported(node, "its input is not float32");
        var floats = graph.Floats(node.Inputs[0]);
        graph.Add(new QuantizeOperation(node.Name, floats, new(Targets.Declare(graph, target).Value, target.Scale)));
        return true;
    }

    public static bool Dequantize(GraphImporter graph, Node node)
    {
        var source = graph[node.Inputs[0]];
        if (source is Source.Constant { Tensor: var stored } && StoredWeights.IsNarrow(node, stored.Type)
            && graph.Constant(node.Input(1)) is not null && (node.Input(2).Length == 0 || graph.Constant(node.Input(2)) is not null))
        {
            graph[node.Output] = new Source.Constant(StoredWeights.Of(node, graph.Constant));
            return true;
        }
        if (node.Int("output_dtype", 0) is not (0 or (long)ElementType.Float32)) throw GraphImporter.Unsupported(node, "it does not give float32");
        if (IsComputed(graph, node, source)) return SpreadScales.Dequantize(graph, node);
        if (source is Source.Constant { Tensor: { Type: ElementType.Int8 or ElementType.UInt8 or ElementType.Int32 } tensor })
        {
            graph[node.Output] = new Source.QuantizedConstant(ConstantOf(graph, node, tensor));
            return true;
        }
        if (source is Source.Words words) return DequantizeWords(graph, node, words);
        if (source is not Source.Integers integers) throw GraphImporter.Unsupported(node, "its input is not integers of 8 or 16 bits");
        var (scales, zeroPoints, type) = ScaleReading.Of(graph, node, 1, 2);
        if (node.Input(2).Length > 0 && type is ElementType.Int8 != integers.IsSigned)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a zero point of another type than its input.");
        var shift = integers.IsSigned ? 128 : 0;
        if (scales.Length == 1)
        {
            graph[node.Output] = new Source.Quantized(integers.Value, integers.IsSigned, new ByteScale(scales[0], (byte)(zeroPoints[0] + shift)));
            return true;
        }
        var axis = NodeAxes.Of(node, integers.Value.Shape.Length, 1);
        if (integers.Value.Shape[axis] != scales.Length)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has {scales.Length} scales for an axis of"
                + $" {integers.Value.Shape[axis]}.");
        var floats = graph.NewFloats(node.Output);
        graph.Add(new DequantizeOperation(node.Name, integers.Value,
            [.. scales.Select((s, i) => new ByteScale(s, (byte)(zeroPoints[i] + shift)))], axis, floats));
        graph[node.Output] = new Source.Real(floats);
        return true;
    }

    /// <summary>Whether nothing is left to do but what the standard says, number by number.</summary>
    private static bool IsComputed(GraphImporter graph, Node node, Source source) =>
        source is Source.Integers or Source.Whole { Type: ElementType.Int32 }
        && (node.Int("block_size", 0) != 0 || source is Source.Whole
            || graph.Constant(node.Input(1)) is null || node.Input(2).Length > 0 && graph.Constant(node.Inputs[2]) is null);

    /// <summary>Words of their own scale stay as they are; all else is quantized from floats.</summary>
    private static bool QuantizeWords(GraphImporter graph, Node node)
    {
        var (scale, isSigned) = ScaleReading.WordOf(graph, node, 1, 2);
        if (graph[node.Inputs[0]] is Source.QuantizedWords { Operand: var operand } && operand.Scale == scale)
        {
            graph[node.Output] = new Source.Words(operand.High, operand.Low, isSigned);
            return true;
        }
        if (!graph.HasFloats(node.Inputs[0])) throw GraphImporter.Unsupported(node, "its input is not float32");
        var floats = graph.Floats(node.Inputs[0]);
        var target = new WordTarget(node.Output, isSigned, scale, WordRange.Full);
        graph.Add(new QuantizeWordsOperation(node.Name, floats, Targets.Declare(graph, target)));
        return true;
    }

    private static bool DequantizeWords(GraphImporter graph, Node node, Source.Words words)
    {
        var (scale, isSigned) = ScaleReading.WordOf(graph, node, 1, 2);
        if (isSigned != words.IsSigned)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a zero point of another type than its input.");
        graph[node.Output] = new Source.QuantizedWords(new(words.High, words.Low, scale), isSigned);
        return true;
    }

    /// <summary>Bytes in another scale: a table, or nothing where the scales are the same.</summary>
    public static EngineValue Requantized(GraphImporter graph, string name, ByteOperand operand, ByteScale to)
    {
        var (value, from) = operand;
        if (from == to) return value;
        var table = new byte[256];
        for (var q = 0; q < 256; q++) table[q] = to.Quantize(from.Dequantize((byte)q));
        var result = new EngineValue(value.Name, EngineType.Byte, value.Shape);
        graph.Add(new TableOperation(name, "requantize", value, result, table));
        return result;
    }

    private static IntegerConstant ConstantOf(GraphImporter graph, Node node, Tensor tensor)
    {
        var (scales, zeroPoints, _) = ScaleReading.Of(graph, node, 1, 2);
        if (scales.Length == 1) return new IntegerConstant(tensor, scales, zeroPoints, 0);
        var axis = NodeAxes.Of(node, tensor.Shape.Rank, 1);
        return tensor.Shape[axis].Length == scales.Length ? new IntegerConstant(tensor, scales, zeroPoints, axis)
            : throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has {scales.Length} scales for an axis of {tensor.Shape[axis]}.");
    }
}
