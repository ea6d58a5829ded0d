using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Reads scales and zero points, which the engine needs to be constant.</summary>
internal static class ScaleReading
{
    /// <summary>One scale and zero point for a whole tensor.</summary>
    public static (ByteScale Scale, bool IsSigned) OneOf(GraphImporter graph, Node node, int scaleInput, int zeroPointInput)
    {
        var (scales, zeroPoints, type) = Of(graph, node, scaleInput, zeroPointInput);
        if (scales.Length != 1) throw GraphImporter.Unsupported(node, "an activation has a scale for each channel");
        if (type is not (ElementType.UInt8 or ElementType.Int8))
            throw GraphImporter.Unsupported(node, $"it quantizes to {type}, and the engine computes in 8 bits");
        var isSigned = type is ElementType.Int8;
        return (new ByteScale(scales[0], (byte)(zeroPoints[0] + (isSigned ? 128 : 0))), isSigned);
    }

    /// <summary>One scale and zero point for a whole tensor of 16 bits.</summary>
    public static (WordScale Scale, bool IsSigned) WordOf(GraphImporter graph, Node node, int scaleInput, int zeroPointInput)
    {
        var (scales, zeroPoints, type) = Of(graph, node, scaleInput, zeroPointInput);
        if (scales.Length != 1) throw GraphImporter.Unsupported(node, "an activation of 16 bits has a scale for each channel");
        // Without a zero point the type is that of an attribute, or of what is dequantized.
        var isSigned = node.Input(zeroPointInput).Length > 0 ? type is ElementType.Int16
            : node.Int("output_dtype", 0) == (long)ElementType.Int16 || graph[node.Inputs[0]] is Source.Words { IsSigned: true };
        return (new WordScale(scales[0], (ushort)(zeroPoints[0] + (isSigned ? 0x8000 : 0))), isSigned);
    }

    /// <summary>All scales and zero points, and the type of the zero point (UInt8 where there is none).</summary>
    public static (float[] Scales, int[] ZeroPoints, ElementType Type) Of(GraphImporter graph, Node node, int scaleInput, int zeroPointInput)
    {
        var scales = graph.Constant(node.Input(scaleInput)) is { } scale ? Once(graph, scale, Floats) : [];
        if (scales is []) throw GraphImporter.Unsupported(node, "its scale is not a constant of float32");
        foreach (var one in scales)
            if (!float.IsFinite(one) || one <= 0)
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a scale that is not finite and above zero.");
        if (node.Input(zeroPointInput).Length == 0) return (scales, new int[scales.Length], ElementType.UInt8);
        if (graph.Constant(node.Input(zeroPointInput)) is not { } zero) throw GraphImporter.Unsupported(node, "its zero point is not a constant");
        if (zero.Type is not (ElementType.UInt8 or ElementType.Int8 or ElementType.Int32 or ElementType.UInt16 or ElementType.Int16))
            throw GraphImporter.Unsupported(node, $"its zero point is {zero.Type}, and the engine computes in 8 and 16 bits");
        var zeroPoints = Once(graph, zero, Integers);
        if (zeroPoints.Length != scales.Length)
        {
            if (zeroPoints.Length != 1) throw new CaliperException(
                $"The node '{node.Name}' ({node.OpType}) has {scales.Length} scales but {zeroPoints.Length} zero points.");
            zeroPoints = [.. scales.Select(_ => zeroPoints[0])];
        }
        return (scales, zeroPoints, zero.Type);
    }

    /// <summary>What is read of a constant that all plans of a model read, where it is worth keeping.</summary>
    private static T[] Once<T>(GraphImporter graph, Tensor tensor, Func<Tensor, T[]> read) =>
        tensor.Count > 1 ? graph.Resources.Model.Once(tensor, nameof(ScaleReading), () => read(tensor)) : read(tensor);

    private static float[] Floats(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => tensor.Span<float>().ToArray(),
        ElementType.Float16 => [.. tensor.Span<Half>().ToArray().Select(h => (float)h)],
        _ => [],
    };

    private static int[] Integers(Tensor tensor) => tensor.Type switch
    {
        ElementType.UInt8 => [.. tensor.Span<byte>().ToArray().Select(z => (int)z)],
        ElementType.Int8 => [.. tensor.Span<sbyte>().ToArray().Select(z => (int)z)],
        ElementType.UInt16 => [.. tensor.Span<ushort>().ToArray().Select(z => (int)z)],
        ElementType.Int16 => [.. tensor.Span<short>().ToArray().Select(z => (int)z)],
        _ => tensor.Span<int>().ToArray(),
    };
}
