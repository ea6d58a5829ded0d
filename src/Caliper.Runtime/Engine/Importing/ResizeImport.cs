using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Resize of images, nearest and linear; all else is <see cref="ResamplingImport"/>.</summary>
internal static class ResizeImport
{
    public static bool Resize(GraphImporter graph, Node node)
    {
        var (source, mode) = (graph[node.Inputs[0]], node.Text("mode", "nearest"));
        var all = ResizeAxis.Of(graph, node);
        if (all.Length is not (3 or 4) || mode is not ("nearest" or "linear") || node.Int("antialias", 0) != 0 || all.Any(a => a.Crop is not null)
            || !all[0].Stays || !all[1].Stays) return ResamplingImport.Resize(graph, node, all);
        var axes = all.Skip(2).Select(axis => axis.Between(mode == "linear")).ToList();
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
        if (source is Source.Quantized quantized && Targets.After(graph, node) is { } target)
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
}
