using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Float operators on images, which lie as convolutions of bytes want them.</summary>
internal static class PixelImport
{
    // Fewer outputs of a group do not fill the columns of a product.
    private const int FewOutputs = 8;

    // Fewer do not fill a vector; so they lie as the pixels of planes do, which an enlarged image has many of.
    private const int FewChannels = 8;

    /// <summary>Imports a node whose first input exists as floats, where it is such an operator in a form that is had.</summary>
    public static bool TryImport(GraphImporter graph, Node node) => node.OpType switch
    {
        "MaxPool" or "AveragePool" => Pool(graph, node),
        "GlobalAveragePool" => Means(graph, node),
        "ReduceMean" or "ReduceMax" => IsOfAllPixels(graph, node) && Means(graph, node),
        _ => OperatorCatalogue.ProductOf(node) is ProductKind.Convolution && Conv(graph, node),
    };

    /// <summary>Resize, its axes being known.</summary>
    public static void Resize(GraphImporter graph, Node node, ResampleAxis rows, ResampleAxis columns, bool isLinear)
    {
        var (value, output) = (graph.Floats(node.Inputs[0]), graph.NewFloats(node.Output));
        graph[node.Output] = new Source.Real(output);
        if (isLinear && value.Shape[1] < FewChannels && output.Count >= value.Count)
        {
            var (planes, height) = (value.Shape[0] * value.Shape[1], value.Shape.Length == 3 ? 1 : value.Shape[2]);
            graph.Add(new FloatOperation(node.Name, node.OpType, [value], output, FloatResize.Of(planes, height, value.Shape[^1], rows, columns)));
            return;
        }
        Add(graph, node, value, output, (x, y, _, set, _) => new PixelResize(rows, columns, isLinear, (x.Height, x.Width))
        {
            Input = x,
            Output = y,
            Set = set,
        });
    }

    private static bool Conv(GraphImporter graph, Node node)
    {
        var (x, w, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        var groups = (int)node.Int("group", 1);
        if (w.Length is not (3 or 4) || groups < 1 || w[0] % groups != 0 || x[1] != w[1] * groups) return false;
        ParameterReading.Check(graph, node, 2, w[0]);
        var isDepthwise = groups > 1 && w[1] == 1 && groups == w[0];
        if (!isDepthwise && groups > 1 && w[0] / groups < FewOutputs || BiasOf(graph, node) is not { } bias) return false;
        if (graph.Factors(node.Inputs[1]).Constant is not { } weights) return false;
        var window = WindowReading.Of(graph, node, x, w);
        var products = (long)Sizes.Product(y) * w[1] * window.KernelHeight * window.KernelWidth;
        var output = graph.NewFloats(node.Output);
        var layer = new FloatLayer(window, groups, (x[1], w[0]), weights, bias);
        graph.Add(new PixelOperation(node.Name, node.OpType, graph.Floats(node.Inputs[0]), output, products,
            (from, to, bounds, set, resources) => FloatConvolutions.Create(layer with { Bounds = bounds }, from, to, set, resources))
        {
            Padded = groups == 1 || isDepthwise ? new ConvolutionGeometry(window, groups) : null,
        });
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static float[]? BiasOf(GraphImporter graph, Node node) =>
        node.Input(2).Length == 0 ? [] : graph.Floats(node.Inputs[2]).Constant is { } bias ? bias.Span<float>().ToArray() : null;

    private static bool Pool(GraphImporter graph, Node node)
    {
        var x = graph.ShapeOf(node.Inputs[0]);
        if (x.Length is not (3 or 4) || node.Ints("kernel_shape") is not { } kernel) return false;
        var window = WindowReading.Of(graph, node, x, kernel);
        var (isMax, countsPads) = (node.OpType == "MaxPool", node.Int("count_include_pad", 0) != 0);
        if (isMax && window.IsWhole(x)) return Means(graph, node);
        var output = graph.NewFloats(node.Output);
        Add(graph, node, graph.Floats(node.Inputs[0]), output,
            (from, to, _, set, _) => isMax && SeparableMaxPool.Suits(window, from, to)
                ? new SeparableMaxPool(window) { Input = from, Output = to, Set = set }
                : new PixelPool(window, isMax, countsPads) { Input = from, Output = to, Set = set });
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static bool Means(GraphImporter graph, Node node)
    {
        var x = graph.ShapeOf(node.Inputs[0]);
        if (x.Length is not (3 or 4)) return false;
        var (isMax, output) = (node.OpType is "MaxPool" or "ReduceMax", graph.NewFloats(node.Output));
        // A mean without keepdims has no spatial axes; the kernel writes N×C either way.
        var whole = new EngineValue(output.Name, output.Type, [.. x.Select((l, axis) => axis < 2 ? l : 1)]);
        var isSame = whole.Shape.AsSpan().SequenceEqual(output.Shape);
        Add(graph, node, graph.Floats(node.Inputs[0]), isSame ? output : whole,
            (from, to, _, set, _) => new PixelMeans(isMax) { Input = from, Output = to, Set = set });
        if (!isSame) graph.Add(new ReshapeOperation(node.Name, whole, output));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static bool IsOfAllPixels(GraphImporter graph, Node node)
    {
        var rank = graph.ShapeOf(node.Inputs[0]).Length;
        if (rank is not (3 or 4)) return false;
        var isReduced = NodeAxes.Reduced(node, SliceReading.Numbers(graph, node, "axes", 1), rank);
        return isReduced.Select((reduced, axis) => reduced == axis >= 2).All(fits => fits);
    }

    private static void Add(GraphImporter graph, Node node, EngineValue input, EngineValue output, PixelKernelMaker make) =>
        graph.Add(new PixelOperation(node.Name, node.OpType, input, output, multiplyAdds: 0, make));
}
