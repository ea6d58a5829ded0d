using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Resize of images, nearest and linear.</summary>
internal static class ResizeImport
{
    public static bool Resize(GraphImporter graph, Node node)
    {
        var source = graph[node.Inputs[0]];
        if (graph.ShapeOf(node.Inputs[0]) is not { Length: 3 or 4 } shape) return false;
        var mode = node.Text("mode", "nearest");
        if (mode is not ("nearest" or "linear") || node.Int("antialias", 0) != 0 || node.Ints("axes") is not null)
            throw GraphImporter.Unsupported(node, $"its mode is '{mode}', or it has antialias or axes");
        var scales = ScalesOf(graph, node, shape);
        var output = graph.ShapeOf(node.Output);
        if (output[0] != shape[0] || output[1] != shape[1]) throw GraphImporter.Unsupported(node, "it resizes channels or batch");
        var axes = Enumerable.Range(2, shape.Length - 2)
            .Select(axis => Axis(node, mode == "linear", shape[axis], output[axis], scales[axis])).ToList();
        if (axes.Count == 1) axes.Insert(0, ResampleAxis.Single);
        if (MovementImport.BytesOf(source) is not { } value) return Floats(graph, node, axes[0], axes[1], mode == "linear");
        if (mode == "nearest")
        {
            // Selection keeps the scale, whoever quantizes after it.
            var selected = graph.NewBytes(node.Output);
            graph.Add(new ResizeOperation(node.Name, value, selected, axes[0], axes[1], null));
            graph[node.Output] = MovementImport.WithValue(source, selected);
            return true;
        }
        return Linear(graph, node, source, value, axes[0], axes[1]);
    }

    private static bool Linear(GraphImporter graph, Node node, Source source, EngineValue value, ResampleAxis rows, ResampleAxis columns)
    {
        if (source is Source.Quantized quantized && Targets.Behind(graph, node) is { } target)
        {
            var between = new ResizeScales(quantized.Scale, target.Scale, target.Range);
            graph.Add(new ResizeOperation(node.Name, value, Targets.Declare(graph, target).Value, rows, columns, between));
            return true;
        }
        if (source is Source.Quantized) return Floats(graph, node, rows, columns, isLinear: true);
        if (source is not Source.Integers { IsSigned: false }) throw GraphImporter.Unsupported(node,
            "it interpolates, and its result is not quantized");
        var output = graph.NewBytes(node.Output);
        graph.Add(new ResizeOperation(node.Name, value, output, rows, columns, ResizeScales.Truncating));
        graph[node.Output] = MovementImport.WithValue(source, output);
        return true;
    }

    private static bool Floats(GraphImporter graph, Node node, ResampleAxis rows, ResampleAxis columns, bool isLinear)
    {
        if (!graph.HasFloats(node.Inputs[0])) return false;
        PixelImport.Resize(graph, node, rows, columns, isLinear);
        return true;
    }

    private static float[] ScalesOf(GraphImporter graph, Node node, int[] input)
    {
        var output = graph.ShapeOf(node.Output);
        var given = node.Input(2).Length > 0 ? graph.Constant(node.Inputs[2]) : null;
        if (given is { Type: ElementType.Float32 } tensor && tensor.Count == input.Length) return tensor.Span<float>().ToArray();
        return [.. output.Select((length, axis) => (float)length / input[axis])];
    }

    private static ResampleAxis Axis(Node node, bool isLinear, int input, int output, float scale)
    {
        var coordinates = node.Text("coordinate_transformation_mode", "half_pixel");
        var nearest = node.Text("nearest_mode", "round_prefer_floor");
        var (low, high, weight) = (new int[output], new int[output], new float[output]);
        for (var i = 0; i < output; i++)
        {
            var at = input == output && scale == 1 ? i : coordinates switch
            {
                "half_pixel" => (i + 0.5f) / scale - 0.5f,
                "pytorch_half_pixel" => output > 1 ? (i + 0.5f) / scale - 0.5f : 0,
                "asymmetric" => i / scale,
                "align_corners" => output == 1 ? 0 : (float)i * (input - 1) / (output - 1),
                _ => throw GraphImporter.Unsupported(node, $"its coordinate_transformation_mode is '{coordinates}'"),
            };
            if (isLinear)
            {
                at = Math.Clamp(at, 0, input - 1);
                low[i] = Math.Min((int)at, input - 1);
                high[i] = Math.Min(low[i] + 1, input - 1);
                weight[i] = low[i] == high[i] ? 0.5f : at - low[i];
            }
            else low[i] = high[i] = Math.Clamp(Nearest(node, nearest, at), 0, input - 1);
        }
        return new ResampleAxis(low, high, weight);
    }

    private static int Nearest(Node node, string mode, float at) => mode switch
    {
        "round_prefer_floor" => at == MathF.Floor(at) + 0.5f ? (int)MathF.Floor(at) : (int)MathF.Round(at, MidpointRounding.AwayFromZero),
        "round_prefer_ceil" => (int)MathF.Floor(at + 0.5f),
        "floor" => (int)MathF.Floor(at),
        "ceil" => (int)MathF.Ceiling(at),
        _ => throw GraphImporter.Unsupported(node, $"its nearest_mode is '{mode}'"),
    };
}
