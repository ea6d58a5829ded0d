using System.Collections.Frozen;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>The float operators the engine has, made for a node's shapes.</summary>
internal static class FloatOperators
{
    private static readonly FrozenDictionary<string, Func<GraphImporter, Node, FloatOperator?>> Makers =
        new Dictionary<string, Func<GraphImporter, Node, FloatOperator?>>
        {
            ["Softmax"] = Softmax,
            ["LogSoftmax"] = Softmax,
            ["MatMul"] = (g, n) => MatMul(ShapeOf(g, n, 0), ShapeOf(g, n, 1), g.ShapeOf(n.Output)),
            ["Gemm"] = Gemm,
            ["Conv"] = Conv,
            ["GlobalAveragePool"] = (g, n) => OfPixels("ReduceMean", ShapeOf(g, n, 0)),
            ["ReduceMean"] = (g, n) => Reduce(g, n, ShapeOf(g, n, 0)),
            ["ReduceSum"] = (g, n) => Reduce(g, n, ShapeOf(g, n, 0)),
            ["ReduceMax"] = (g, n) => Reduce(g, n, ShapeOf(g, n, 0)),
            ["ReduceMin"] = (g, n) => Reduce(g, n, ShapeOf(g, n, 0)),
            ["BatchNormalization"] = (g, n) => BatchNorm(g, n, ShapeOf(g, n, 0)),
            ["LayerNormalization"] = (g, n) => LayerNorm(g, n, ShapeOf(g, n, 0)),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether there is an operator of a name, other than functions of one or two numbers.</summary>
    public static bool Has(string opType) => Makers.ContainsKey(opType);

    /// <summary>Whether some inputs are no floats (axes, sizes) and are read at load instead.</summary>
    public static bool TakesOtherInputs(Node node) => node.OpType.StartsWith("Reduce", StringComparison.Ordinal);

    /// <summary>The operator for a node, or null where there is none.</summary>
    public static FloatOperator? Find(GraphImporter graph, Node node) =>
        Makers.TryGetValue(node.OpType, out var make) ? make(graph, node) : null;

    private static int[] ShapeOf(GraphImporter graph, Node node, int input) => graph.ShapeOf(node.Inputs[input]);

    private static FloatOperator? Softmax(GraphImporter graph, Node node) => graph.Opset >= 13 ? Softmax(node, ShapeOf(graph, node, 0)) : null;

    private static FloatOperator? Conv(GraphImporter graph, Node node)
    {
        var (x, w) = (ShapeOf(graph, node, 0), ShapeOf(graph, node, 1));
        ParameterReading.Check(graph, node, 2, w[0]);
        return w.Length is not (3 or 4) ? null : new(Present(node, 3), FloatConvolution.Of(x, w, graph.ShapeOf(node.Output),
            WindowReading.Of(graph, node, x, w), (int)node.Int("group", 1), node.Input(2).Length > 0));
    }

    private static FloatOperator OfPixels(string reduction, int[] shape) =>
        new([0], FloatReductions.Reduce(reduction, shape, [.. shape.Select((_, axis) => axis >= 2)]));

    private static FloatOperator BatchNorm(GraphImporter graph, Node node, int[] shape)
    {
        for (var input = 1; input < 5; input++) ParameterReading.Check(graph, node, input, shape[1]);
        return new([0, 1, 2, 3, 4],
            FloatReductions.BatchNorm(shape[0], shape[1], Sizes.Product(shape.AsSpan(2)), node.Float("epsilon", 1e-5f)));
    }

    private static int[] Present(Node node, int count) =>
        [.. Enumerable.Range(0, count).Where(i => node.Input(i).Length > 0)];

    private static FloatOperator Softmax(Node node, int[] shape)
    {
        var axis = NodeAxes.Of(node, shape.Length, -1);
        return new([0], FloatSoftmax.Of(Sizes.Product(shape.AsSpan(0, axis)), shape[axis], Sizes.Product(shape.AsSpan(axis + 1)),
            node.OpType == "LogSoftmax"));
    }

    private static FloatOperator? MatMul(int[] a, int[] b, int[] y)
    {
        if (a.Length < 2 || b.Length < 2) return null;
        var (offsetsA, offsetsB) = BatchOffsets.Of(a, b, y);
        return new([0, 1], new FloatStack(offsetsA, offsetsB, a[^2], a[^1], b[^1]).Kernel());
    }

    private static FloatOperator Gemm(GraphImporter graph, Node node)
    {
        var (a, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var (transA, transB, alpha, beta) = GemmForm.Of(node);
        var hasC = node.Input(2).Length > 0;
        ParameterReading.CheckMatrix(graph, node, 2, y[0], y[1]);
        int[] c = hasC ? graph.ShapeOf(node.Inputs[2]) : [1];
        var columnStep = c.Length > 0 && c[^1] > 1 ? 1 : 0;
        var rowStep = c.Length > 1 && c[^2] > 1 ? c[^1] : 0;
        var isTurned = transB && graph.HasFloats(node.Inputs[1]) && graph.Floats(node.Inputs[1]).Constant is not null;
        return new(Present(node, 3),
            FloatLinear.Gemm(y[0], transA ? a[0] : a[1], y[1], transA, transB && !isTurned, alpha, beta, rowStep, columnStep, hasC))
        {
            TransposesSecond = isTurned,
        };
    }

    private static FloatOperator Reduce(GraphImporter graph, Node node, int[] shape)
    {
        var axes = SliceReading.Numbers(graph, node, "axes", 1);
        var isReduced = NodeAxes.Reduced(node, axes, shape.Length);
        if (!isReduced.Contains(true) && shape.Length > 0) throw GraphImporter.Unsupported(node, "it reduces no axis");
        return new([0], FloatReductions.Reduce(node.OpType, shape, [.. isReduced]));
    }

    private static FloatOperator LayerNorm(GraphImporter graph, Node node, int[] shape)
    {
        var axis = NodeAxes.Of(node, shape.Length, -1);
        for (var input = 1; input < 3; input++) ParameterReading.Check(graph, node, input, Sizes.Product(shape.AsSpan(axis)));
        return new(Present(node, 3), FloatReductions.LayerNorm(Sizes.Product(shape.AsSpan(0, axis)), Sizes.Product(shape.AsSpan(axis)),
            node.Float("epsilon", 1e-5f), node.Input(2).Length > 0));
    }
}
