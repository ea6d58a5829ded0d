using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Importing;

/// <summary>ConvInteger, MatMulInteger, DynamicQuantizeLinear: the operators of dynamic quantization. They run, as far as their
/// zero points are constant, but are not made for speed.</summary>
internal static class IntegerSumsImport
{
    public static bool ConvInteger(GraphImporter graph, Node node)
    {
        var (x, zeroX) = Operand(graph, node, 0, 2);
        var (w, zeroW) = Operand(graph, node, 1, 3);
        if (x.Shape.Length is not (3 or 4)) throw GraphImporter.Unsupported(node, "it has three spatial axes");
        var groups = (int)node.Int("group", 1);
        if (groups < 1 || w.Shape[0] % groups != 0 || w.Shape[1] * groups != x.Shape[1])
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has weights that do not fit its input.");
        var kernel = IntegerSums.Conv(x.Shape, w.Shape, graph.ShapeOf(node.Output), WindowReading.Of(graph, node, x.Shape, w.Shape), groups, zeroX,
            zeroW);
        return Add(graph, node, [x, w], kernel);
    }

    public static bool MatMulInteger(GraphImporter graph, Node node)
    {
        var (a, zeroA) = Operand(graph, node, 0, 2);
        var (b, zeroB) = Operand(graph, node, 1, 3);
        if (a.Shape.Length < 2 || b.Shape.Length < 2) throw GraphImporter.Unsupported(node, "an operand is a vector");
        var (offsetsA, offsetsB) = BatchOffsets.Of(a.Shape, b.Shape, graph.ShapeOf(node.Output));
        return Add(graph, node, [a, b], IntegerSums.MatMul(offsetsA, offsetsB, a.Shape[^2], a.Shape[^1], b.Shape[^1], zeroA, zeroB));
    }

    public static bool DynamicQuantize(GraphImporter graph, Node node)
    {
        if (!graph.HasFloats(node.Inputs[0]) || node.Outputs.Length != 3) return false;
        var x = graph.Floats(node.Inputs[0]);
        var (bytes, zero) = (graph.NewBytes(node.Outputs[0]), new EngineValue(node.Outputs[2], EngineType.Byte, []));
        var scale = new EngineValue(node.Outputs[1], EngineType.Float, []);
        Operate(bytes, IntegerSums.DynamicBytes(x.Count));
        Operate(scale, IntegerSums.DynamicScale(x.Count));
        Operate(zero, IntegerSums.DynamicZeroPoint(x.Count));
        (graph[node.Outputs[0]], graph[node.Outputs[1]]) = (new Source.Integers(bytes, false), new Source.Real(scale));
        graph[node.Outputs[2]] = new Source.Integers(zero, false);
        return true;

        void Operate(EngineValue output, DenseKernel kernel) => graph.Add(new FloatOperation(node.Name, node.OpType, [x], output, kernel));
    }

    /// <summary>Cast of sums to float32, with which dynamic quantization goes on.</summary>
    public static bool Cast(GraphImporter graph, Node node)
    {
        if (node.Int("to", 0) != (long)ElementType.Float32) return false;
        if (graph[node.Inputs[0]] is Source.Real) return MovementImport.Identity(graph, node);
        if (graph[node.Inputs[0]] is not Source.Sums sums) return false;
        var floats = graph.NewFloats(node.Output);
        graph.Add(new FloatOperation(node.Name, node.OpType, [sums.Value], floats, IntegerSums.ToFloats(floats.Count)));
        graph[node.Output] = new Source.Real(floats);
        return true;
    }

    private static bool Add(GraphImporter graph, Node node, EngineValue[] operands, DenseKernel kernel)
    {
        var sums = new EngineValue(node.Output, EngineType.Int32, graph.ShapeOf(node.Output));
        graph.Add(new FloatOperation(node.Name, node.OpType, operands, sums, kernel));
        graph[node.Output] = new Source.Sums(sums);
        return true;
    }

    private static (EngineValue Value, int ZeroPoint) Operand(GraphImporter graph, Node node, int input, int zeroInput)
    {
        var (value, isSigned) = graph[node.Inputs[input]] switch
        {
            Source.Integers integers => (integers.Value, integers.IsSigned),
            Source.Constant { Tensor: { Type: ElementType.Int8 or ElementType.UInt8 } tensor } =>
                (GraphImporter.ConstantBytes(node.Inputs[input], tensor), tensor.Type is ElementType.Int8),
            _ => throw GraphImporter.Unsupported(node, "an operand is not integers of 8 bits"),
        };
        if (node.Input(zeroInput).Length == 0) return (value, isSigned ? 128 : 0);
        return graph.Constant(node.Inputs[zeroInput]) switch
        {
            { Count: 1, Type: ElementType.UInt8 } zero when !isSigned => (value, zero.Span<byte>()[0]),
            { Count: 1, Type: ElementType.Int8 } zero when isSigned => (value, zero.Span<sbyte>()[0] + 128),
            _ => throw GraphImporter.Unsupported(node, "a zero point is not one constant of its operand's type"),
        };
    }
}
