using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Importing;

/// <summary>ConvInteger, MatMulInteger, DynamicQuantizeLinear: the operators of dynamic quantization. They run as far as their
/// zero points are constant; sums by the kernels that all layers have.</summary>
internal static class IntegerSumsImport
{
    public static bool ConvInteger(GraphImporter graph, Node node)
    {
        if (ComputedZeroPoint(graph, node) is { } computed) return ConvWithComputedZeroPoint(graph, node, computed);
        var (x, zeroX) = Operand(graph, node, 0, 2);
        if (x.Shape.Length is not (3 or 4)) throw GraphImporter.Unsupported(node, "it has three spatial axes");
        var w = graph.ShapeOf(node.Inputs[1]);
        var groups = (int)node.Int("group", 1);
        if (groups < 1 || w.Length != x.Shape.Length || w[0] % groups != 0 || w[1] * groups != x.Shape[1])
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has weights that do not fit its input.");
        if (Weights(graph, node, 0, w[0]) is { } weights)
        {
            LinearImport.AddConvolution(graph, node, x, zeroX, NewSums(graph, node), weights, new int[w[0]], Epilogue.OfSums(w[0]));
            return true;
        }
        // Nobody's network computes the weights of a convolution: the definition is good enough.
        var (values, zeroW) = Operand(graph, node, 1, 3);
        var kernel = IntegerSums.Conv(x.Shape, w, graph.ShapeOf(node.Output), WindowReading.Of(graph, node, x.Shape, w), groups, zeroX, zeroW);
        graph.Add(new FloatOperation(node.Name, node.OpType, [x, values], NewSums(graph, node), kernel));
        return true;
    }

    public static bool MatMulInteger(GraphImporter graph, Node node)
    {
        if (ComputedZeroPoint(graph, node) is { } zero) return WithComputedZeroPoint(graph, node, zero);
        var (a, zeroA) = Operand(graph, node, 0, 2);
        var shapeB = graph.ShapeOf(node.Inputs[1]);
        if (a.Shape.Length < 2 || shapeB.Length < 2) throw GraphImporter.Unsupported(node, "an operand is a vector");
        if (a.Shape[^1] != shapeB[^2])
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has operands that do not fit each other.");
        if (shapeB.Length == 2 && Weights(graph, node, 1, shapeB[1]) is { } weights)
        {
            var content = WeightMatrix.Of(graph.Resources, weights, shapeB[1], WeightMatrix.Columns);
            // Weights that stay away from 0 have no fast kernel there, but the product of two tensors takes any one zero point.
            if (weights.ZeroPoints.Length > 1 || !content.HasZeroPoints)
            {
                graph.Add(new MatrixOperation(node.Name, a, NewSums(graph, node), content, new int[shapeB[1]], zeroA,
                    Epilogue.OfSums(shapeB[1])));
                return true;
            }
        }
        var (b, zeroB) = Operand(graph, node, 1, 3);
        graph.Add(new ProductOperation(node.Name, Steps(a, zeroA), Steps(b, zeroB), NewSums(graph, node), 1, 0, ByteRange.Full));
        return true;
    }

    /// <summary>The one zero point of the activations, where the network computes it, as after DynamicQuantizeLinear.</summary>
    private static EngineValue? ComputedZeroPoint(GraphImporter graph, Node node) => node.Input(2).Length > 0
        && graph[node.Inputs[2]] is Source.Integers { Value.Count: 1 } zero
        && graph[node.Inputs[0]] is Source.Integers a && a.IsSigned == zero.IsSigned
        ? zero.Value : null;

    /// <summary>The sums without a zero point by the kernels that all layers have, and from them what the zero point adds to each: itself, times
    /// the sum of the column's weights.</summary>
    private static bool WithComputedZeroPoint(GraphImporter graph, Node node, EngineValue zero)
    {
        var (a, shapeB) = (((Source.Integers)graph[node.Inputs[0]]).Value, graph.ShapeOf(node.Inputs[1]));
        if (a.Shape.Length < 2 || shapeB.Length != 2 || Weights(graph, node, 1, shapeB[1]) is not { } weights)
            throw GraphImporter.Unsupported(node, "a zero point is computed, and its weights are no constant matrix");
        if (a.Shape[^1] != shapeB[0])
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has operands that do not fit each other.");
        var content = WeightMatrix.Of(graph.Resources, weights, shapeB[1], WeightMatrix.Columns);
        var raw = new EngineValue(node.Output + "/raw", EngineType.Int32, graph.ShapeOf(node.Output));
        graph.Add(new MatrixOperation(node.Name, a, raw, content, new int[shapeB[1]], 0, Epilogue.OfSums(shapeB[1])));
        var without = IntegerSums.WithoutZeroPoint(raw.Count, content.Sums);
        graph.Add(new FloatOperation(node.Name, node.OpType, [raw, zero], NewSums(graph, node), without));
        return true;
    }

    /// <summary>The same of a convolution: the padding is written around the image as the zero point, so that each sum has all weights.</summary>
    private static bool ConvWithComputedZeroPoint(GraphImporter graph, Node node, EngineValue zero)
    {
        var x = ((Source.Integers)graph[node.Inputs[0]]).Value;
        var (w, y) = (graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        if (x.Shape.Length is not (3 or 4)) throw GraphImporter.Unsupported(node, "it has three spatial axes");
        if (Weights(graph, node, 0, w[0]) is not { } weights)
            throw GraphImporter.Unsupported(node, "a zero point is computed, and its weights are not constant");
        if (w.Length != x.Shape.Length || w[1] * node.Int("group", 1) != x.Shape[1])
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has weights that do not fit its input.");
        var window = WindowReading.Of(graph, node, x.Shape, w);
        var padded = new EngineValue(node.Output + "/padded", EngineType.Byte, x.Shape.Length == 3
            ? [x.Shape[0], x.Shape[1], checked(x.Shape[2] + window.Left + window.Right)]
            : [x.Shape[0], x.Shape[1], checked(x.Shape[2] + window.Top + window.Bottom), checked(x.Shape[3] + window.Left + window.Right)]);
        graph.Add(new FloatOperation(node.Name, node.OpType, [x, zero], padded, IntegerSums.Padded(x.Shape, window)));
        var raw = new EngineValue(node.Output + "/raw", EngineType.Int32, y);
        var bare = node.Without("auto_pad").With("pads", new long[2 * (w.Length - 2)]);
        LinearImport.AddConvolution(graph, bare, padded, 0, raw, weights, new int[w[0]], Epilogue.OfSums(w[0]));
        var (each, sums) = (weights.Tensor.Count / w[0], new int[w[0]]);
        for (var i = 0; i < weights.Tensor.Count; i++)
            sums[i / each] += weights[i] - weights.ZeroPoints[weights.ZeroPoints.Length == 1 ? 0 : i / each];
        var without = IntegerSums.WithoutZeroPoint(raw.Count, sums, Sizes.Product(y.AsSpan(2)));
        graph.Add(new FloatOperation(node.Name, node.OpType, [raw, zero], NewSums(graph, node), without));
        return true;
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

    /// <summary>Bytes that stand for the steps themselves.</summary>
    private static ByteOperand Steps(EngineValue value, byte zeroPoint) => new(value, new ByteScale(1, zeroPoint));

    private static EngineValue NewSums(GraphImporter graph, Node node)
    {
        var sums = new EngineValue(node.Output, EngineType.Int32, graph.ShapeOf(node.Output));
        graph[node.Output] = new Source.Whole(sums, ElementType.Int32);
        return sums;
    }

    /// <summary>Constant weights with one zero point, or one for each output; null where they are computed.</summary>
    private static IntegerConstant? Weights(GraphImporter graph, Node node, int axis, int outputs)
    {
        if (graph.Constant(node.Inputs[1]) is not { Type: ElementType.Int8 or ElementType.UInt8 } tensor) return null;
        if (node.Input(3).Length == 0) return new IntegerConstant(tensor, [1], [0], axis);
        return graph.Constant(node.Inputs[3]) is { } zero && zero.Type == tensor.Type
            && (zero.Count == 1 || zero.Count == outputs && zero.Shape.Rank == 1)
            ? new IntegerConstant(tensor, [1], ZeroPoints(zero), axis)
            : throw GraphImporter.Unsupported(node, "a zero point of its weights is not constant, or of another type or shape than they have");
    }

    private static int[] ZeroPoints(Tensor zero) => zero.Type is ElementType.Int8
        ? [.. zero.Span<sbyte>().ToArray().Select(z => (int)z)]
        : [.. zero.Span<byte>().ToArray().Select(z => (int)z)];

    private static (EngineValue Value, byte ZeroPoint) Operand(GraphImporter graph, Node node, int input, int zeroInput)
    {
        var (value, isSigned) = graph[node.Inputs[input]] switch
        {
            Source.Integers integers => (integers.Value, integers.IsSigned),
            Source.Constant { Tensor: { Type: ElementType.Int8 or ElementType.UInt8 } tensor } =>
                (graph.ConstantBytes(node.Inputs[input], tensor), tensor.Type is ElementType.Int8),
            _ => throw GraphImporter.Unsupported(node, "an operand is not integers of 8 bits"),
        };
        if (node.Input(zeroInput).Length == 0) return (value, (byte)(isSigned ? 128 : 0));
        return graph.Constant(node.Inputs[zeroInput]) switch
        {
            { Count: 1, Type: ElementType.UInt8 } zero when !isSigned => (value, zero.Span<byte>()[0]),
            { Count: 1, Type: ElementType.Int8 } zero when isSigned => (value, (byte)(zero.Span<sbyte>()[0] + 128)),
            _ => throw GraphImporter.Unsupported(node, "a zero point is not one constant of its operand's type"),
        };
    }
}
