using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Engine.Importing;

/// <summary>Matrix products of two quantized tensors, batched.</summary>
internal static class ProductImport
{
    /// <summary>MatMul of two dequantized tensors.</summary>
    public static bool MatMul(GraphImporter graph, Node node)
    {
        if (graph.Bytes(node.Inputs[0]) is not { } a || graph.Bytes(node.Inputs[1]) is not { } b) return false;
        if (a.Value.Shape.Length < 2 || b.Value.Shape.Length < 2) return false;
        Add(graph, node, a, b, Targets.After(graph, node));
        return true;
    }

    /// <summary>QLinearMatMul of two tensors.</summary>
    public static bool QLinearMatMul(GraphImporter graph, Node node)
    {
        var (a, b) = (LinearImport.IntegerOperand(graph, node, 0), LinearImport.IntegerOperand(graph, node, 3));
        if (a.Value.Shape.Length < 2 || b.Value.Shape.Length < 2) throw GraphImporter.Unsupported(node, "an operand is a vector");
        Add(graph, node, a, b, Targets.Own(graph, node, 6, 7));
        return true;
    }

    /// <summary>MatMulIntegerToFloat of two tensors: A, B, their scales, their zero points.</summary>
    public static bool MatMulIntegerToFloat(GraphImporter graph, Node node)
    {
        ByteOperand Operand(int input)
        {
            var (scale, isSigned) = ScaleReading.OneOf(graph, node, 2 + input, 4 + input);
            return new(LinearImport.IntegersOf(graph, node, input, isSigned), scale);
        }
        var (a, b) = (Operand(0), Operand(1));
        if (a.Value.Shape.Length < 2 || b.Value.Shape.Length < 2) throw GraphImporter.Unsupported(node, "an operand is a vector");
        Add(graph, node, a, b, null);
        return true;
    }

    private static void Add(GraphImporter graph, Node node, ByteOperand a, ByteOperand b, Target? target)
    {
        var output = Targets.DeclareOrFloats(graph, node, target);
        var multiplier = target is null ? a.Scale.Scale * b.Scale.Scale : Requantization.Multiplier(a.Scale.Scale, b.Scale.Scale, target.Scale.Scale);
        if (!float.IsFinite(multiplier))
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has scales whose ratio is beyond float32.");
        graph.Add(new ProductOperation(node.Name, a, b, output, multiplier, target?.Scale.ZeroPoint ?? 0, target?.Range ?? ByteRange.Full));
    }
}
