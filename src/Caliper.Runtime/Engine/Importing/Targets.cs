using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Looks ahead from a float operator to the QuantizeLinear after it.</summary>
internal static class Targets
{
    /// <summary>Where a node's result is quantized, a Relu or Clip on the way becoming bounds; null where it stays float. The
    /// nodes on the way then need no further treatment.</summary>
    public static Target? After(GraphImporter graph, Node node)
    {
        if (graph.WholeOf(node.Output) is { } whole) return After(graph, whole) is { } wanted ? graph.BeforeMoving(node.Output, wanted) : null;
        if (QuantizeAfter(graph, node, IsByteQuantize) is not var (quantize, low, high)) return null;
        var (scale, isSigned) = ScaleReading.OneOf(graph, quantize, 1, 2);
        return new Target(quantize.Output, isSigned, scale, new ByteRange(scale.Quantize(low), scale.Quantize(high)));
    }

    /// <summary>The same where the result is quantized to 16 bits.</summary>
    public static WordTarget? WordsAfter(GraphImporter graph, Node node)
    {
        if (QuantizeAfter(graph, node, IsWordQuantize) is not var (quantize, low, high)) return null;
        var (scale, isSigned) = ScaleReading.WordOf(graph, quantize, 1, 2);
        return new WordTarget(quantize.Output, isSigned, scale, new WordRange(scale.Quantize(low), scale.Quantize(high)));
    }

    /// <summary>Whether a QuantizeLinear makes bytes of one scale.</summary>
    public static bool IsByteQuantize(GraphImporter graph, Node node) => TypeOf(graph, node) is ElementType.UInt8 or ElementType.Int8;

    /// <summary>Whether a QuantizeLinear makes integers of 16 bits of one scale.</summary>
    public static bool IsWordQuantize(GraphImporter graph, Node node) => TypeOf(graph, node) is ElementType.UInt16 or ElementType.Int16;

    /// <summary>What a QuantizeLinear makes, or null where that has several scales or is computed otherwise than in float32.</summary>
    private static ElementType? TypeOf(GraphImporter graph, Node node)
    {
        if (graph.Constant(node.Input(1)) is not { Count: 1 } || node.Int("block_size", 0) != 0
            || node.Int("precision", 0) is not (0 or (long)ElementType.Float32)) return null;
        return node.Input(2).Length > 0 ? graph.Constant(node.Input(2))?.Type : (ElementType)node.Int("output_dtype", (long)ElementType.UInt8);
    }

    /// <summary>The QuantizeLinear that alone reads a node's result, and the bounds on the way to it.</summary>
    private static (Node Quantize, float Low, float High)? QuantizeAfter(GraphImporter graph, Node node, Func<GraphImporter, Node, bool> isWanted)
    {
        var (name, low, high) = (node.Outputs[0], float.NegativeInfinity, float.PositiveInfinity);
        var passed = new List<Node>();
        while (graph.OnlyReader(name) is { } reader)
        {
            passed.Add(reader);
            if (reader.Is("QuantizeLinear") && reader.Input(0) == name && isWanted(graph, reader))
            {
                foreach (var done in passed) graph.Done(done);
                return (reader, low, high);
            }
            if (UnaryFunctions.BoundsOf(graph, reader) is not { } bounds) return null;
            (low, high) = (Math.Clamp(low, bounds.Min, bounds.Max), Math.Clamp(high, bounds.Min, bounds.Max));
            name = reader.Output;
        }
        return null;
    }

    /// <summary>Where a node that makes integers itself puts them.</summary>
    public static Target Own(GraphImporter graph, Node node, int scaleInput, int zeroPointInput)
    {
        var (scale, isSigned) = ScaleReading.OneOf(graph, node, scaleInput, zeroPointInput);
        return new Target(node.Output, isSigned, scale, ByteRange.Full);
    }

    /// <summary>A new tensor of bytes for a target, declared as the ONNX value's integers.</summary>
    public static ByteResult Declare(GraphImporter graph, Target target)
    {
        var value = graph.NewBytes(target.Name);
        graph[target.Name] = new Source.Integers(value, target.IsSigned);
        return new ByteResult(value, target.Scale, target.Range);
    }

    /// <summary>New tensors for the words of a target, declared as the ONNX value's integers.</summary>
    public static WordOperand Declare(GraphImporter graph, WordTarget target)
    {
        var words = new WordOperand(graph.NewBytes(target.Name), graph.NewBytes(target.Name), target.Scale);
        graph[target.Name] = new Source.Words(words.High, words.Low, target.IsSigned);
        return words;
    }

    /// <summary>A new tensor for what a node computes of bytes: bytes for its target, or floats where it has none.</summary>
    public static EngineValue DeclareOrFloats(GraphImporter graph, Node node, Target? target)
    {
        if (target is not null) return Declare(graph, target).Value;
        var floats = graph.NewFloats(node.Output);
        graph[node.Output] = new Source.Real(floats);
        return floats;
    }
}
