using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>ConvTranspose with constant weights, of bytes or of floats.</summary>
internal static class TransposedImport
{
    // Beyond this nothing that networks do would lie, and sums would overflow.
    private const long Most = 1 << 20;

    // As many convolutions as a layer is made of.
    private const long MostPhases = 256;

    /// <summary>ConvTranspose between DequantizeLinear and QuantizeLinear, or giving floats.</summary>
    public static bool OfBytes(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized x || LinearImport.Weights(graph, node.Inputs[1]) is not { } weights) return false;
        if (GeometryOf(graph, node) is not { } geometry || PerOutput(weights, geometry) is not { } own) return false;
        if (LinearImport.Bias(graph, node.Input(2), x.Scale, own, geometry.Outputs) is not { } bias) return false;
        var target = Targets.After(graph, node);
        var output = Targets.DeclareOrFloats(graph, node, target);
        graph.Add(new TransposedConvolutionOperation(node.Name, x.Value, output, geometry,
            graph.Resources.Model.Once(own.Tensor, new SameNumbers<int>(WeightMatrix.ZeroPoints(own, geometry.Outputs)),
                () => new LayerWeights(WeightMatrix.Rows(own.Tensor), WeightMatrix.ZeroPoints(own, geometry.Outputs))), bias, x.Scale.ZeroPoint,
            LinearImport.EpilogueOf(node, x.Scale, own.Scales, geometry.Outputs, target)));
        return true;
    }

    /// <summary>ConvTranspose of floats.</summary>
    public static bool OfFloats(GraphImporter graph, Node node)
    {
        if (!node.Inputs.All(graph.HasFloats) || GeometryOf(graph, node) is not { } geometry) return false;
        ParameterReading.Check(graph, node, 2, geometry.Outputs);
        if (graph.Factors(node.Inputs[1]).Constant is not { } weights) return false;
        float[] bias = [];
        if (node.Input(2).Length > 0)
        {
            if (graph.Floats(node.Inputs[2]).Constant is not { } constant) return false;
            bias = constant.Span<float>().ToArray();
        }
        var output = graph.NewFloats(node.Output);
        graph.Add(new TransposedPixelOperation(node.Name, graph.Floats(node.Inputs[0]), output, geometry, weights, bias));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    /// <summary>Weights whose scales are those of the output channels, or one; null where they are of something else.</summary>
    private static IntegerConstant? PerOutput(IntegerConstant weights, TransposedGeometry geometry)
    {
        if (weights.Scales.Length == 1) return weights;
        var ofOutputs = Enumerable.Range(0, geometry.Outputs);
        int[]? own = weights.Axis switch
        {
            1 when weights.Scales.Length == geometry.OutputsOfGroup => [.. ofOutputs.Select(o => o % geometry.OutputsOfGroup)],
            0 when weights.Scales.Length == geometry.Groups => [.. ofOutputs.Select(o => o / geometry.OutputsOfGroup)],
            _ => null,
        };
        return own is null ? null : weights with
        {
            Scales = [.. own.Select(o => weights.Scales[o])],
            ZeroPoints = weights.ZeroPoints.Length == 1 ? weights.ZeroPoints : [.. own.Select(o => weights.ZeroPoints[o])],
        };
    }

    /// <summary>The window, or null where it has more than two axes.</summary>
    private static TransposedGeometry? GeometryOf(GraphImporter graph, Node node)
    {
        var (x, w, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        var axes = x.Length - 2;
        var groups = (int)node.Int("group", 1);
        if (axes is not (1 or 2) || w.Length != x.Length || y.Length != x.Length) return null;
        if (groups < 1 || w[0] != x[1] || w[0] % groups != 0 || y[1] != w[1] * groups || y[0] != x[0])
            throw new CaliperException($"The convolution '{node.Name}' has weights of shape {Sizes.Text(w)} that do not fit its input of "
                + $"{x[1]} channels in {groups} groups.");
        var window = SlidingWindow.Of(node, SlidingWindow.KernelOf(node, [.. w.Skip(2).Select(l => Dimension.Of(l))]));
        var added = SlidingWindow.Numbers(node, "output_padding", axes, 0);
        var isGiven = node.Attributes.ContainsKey("output_shape");
        var spatial = Enumerable.Range(0, axes).Select(axis =>
        {
            var pad = window.PadBack(axis, x[axis + 2], y[axis + 2], added[axis], isGiven);
            if (pad is < 0 or > Most || window.Strides[axis] > Most || window.Dilations[axis] > Most || window.Reach(axis) > int.MaxValue)
                throw GraphImporter.Unsupported(node, "its padding is negative, or its window lies outside of the output");
            return new TransposedAxis(x[axis + 2], y[axis + 2], (int)window.Kernel[axis], (int)window.Strides[axis], (int)window.Dilations[axis],
                (int)pad);
        }).ToArray();
        if (spatial.Select(a => (long)Math.Min(a.Stride, a.Output)).Aggregate(1L, (all, some) => all * some) > MostPhases)
            throw GraphImporter.Unsupported(node, $"its strides cut it into more than {MostPhases} convolutions");
        return new(axes == 1 ? TransposedAxis.None : spatial[0], spatial[^1], groups, x[1], y[1]);
    }
}
