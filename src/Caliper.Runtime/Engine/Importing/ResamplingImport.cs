using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Importing;

/// <summary>Resize of any axes by weighted sums, one axis after the other: cubic, antialiased, cropped.</summary>
internal static class ResamplingImport
{
    /// <summary>Imports a Resize whose input exists as floats.</summary>
    public static bool Resize(GraphImporter graph, Node node, ResizeAxis[] axes)
    {
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var (parts, value) = (new Lowering(graph, node), node.Inputs[0]);
        // What lies outside is a number of its own: sums without weights are 0, and so that number must be.
        var beyond = axes.Any(a => a.Crop is not null) ? node.Float("extrapolation_value", 0) : 0;
        if (beyond != 0) value = parts.Of("Sub", value, parts.Constant(Tensor.Scalar(beyond)));
        var floats = graph.Floats(value);
        for (var axis = 0; axis < axes.Length; axis++)
        {
            if (axes[axis].Stays) continue;
            var (x, taps) = (floats.Shape, TapsOf(axes[axis]));
            var resized = new EngineValue(graph.FreeName($"{node.Output}/{axis}"), EngineType.Float,
                [.. x.Select((l, a) => a == axis ? axes[axis].Output : l)]);
            graph.Add(new FloatOperation(node.Name, node.OpType, [floats], resized,
                taps.Along(Sizes.Product(x.AsSpan(0, axis)), x[axis], Sizes.Product(x.AsSpan(axis + 1)))));
            floats = resized;
        }
        if (beyond != 0)
        {
            var add = UnaryFunctions.OfTwo(parts.Part("Add", value, value))!.WithRight(beyond);
            (var inner, floats) = (floats, graph.NewFloats(node.Output));
            graph.Add(ElementwiseOperation.Of(node.Name, FloatCall.Of("Add", add), floats, inner));
        }
        graph[node.Output] = new Source.Real(floats);
        return true;
    }

    private static FloatTaps TapsOf(ResizeAxis axis)
    {
        var (mode, isAntialiased) = (axis.Node.Text("mode", "nearest"), axis.Node.Int("antialias", 0) != 0);
        if (mode == "nearest" && isAntialiased) throw GraphImporter.Unsupported(axis.Node, "it is nearest, and antialiased");
        var narrowing = isAntialiased ? Math.Min(axis.Scale, 1) : 1;
        // A kernel reaches so far, in elements of the input.
        var reach = (mode == "cubic" ? 2 : 1) / narrowing;
        var first = mode == "nearest" ? 0 : (int)MathF.Floor(-reach) + 1;
        var count = mode == "nearest" ? 1 : 2 - 2 * first;
        if ((long)count * axis.Output > 1 << 24) throw GraphImporter.Unsupported(axis.Node, "it needs a table of too many weights");
        var taps = new FloatTaps(count, new int[count * axis.Output], new float[count * axis.Output]);
        for (var i = 0; i < axis.Output; i++)
        {
            var at = axis.At(i);
            var weights = taps.Weights.AsSpan(i * count, count);
            if (axis.Crop is not null && !(at >= 0 && at <= axis.Input - 1)) continue;
            var at0 = mode == "nearest" ? axis.Nearest(at) : (int)MathF.Floor(at);
            for (var k = 0; k < count; k++)
            {
                var place = at0 + first + k;
                taps.Places[i * count + k] = Math.Clamp(place, 0, axis.Input - 1);
                var isOutside = place != taps.Places[i * count + k] && axis.Node.Int("exclude_outside", 0) != 0;
                weights[k] = mode == "nearest" ? 1 : isOutside ? 0 : Weight(axis.Node, mode, (place - at) * narrowing);
            }
            var sum = 0f;
            foreach (var weight in weights) sum += weight;
            foreach (ref var weight in weights) weight /= sum;
        }
        return taps;
    }

    /// <summary>The weight at a distance: a tent, or the cubic of Keys, "Cubic convolution interpolation" (1981).</summary>
    private static float Weight(Node node, string mode, float distance)
    {
        var d = MathF.Abs(distance);
        if (mode == "linear") return MathF.Max(0, 1 - d);
        if (mode != "cubic") throw GraphImporter.Unsupported(node, $"its mode is '{mode}'");
        var a = node.Float("cubic_coeff_a", -0.75f);
        if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    }
}
