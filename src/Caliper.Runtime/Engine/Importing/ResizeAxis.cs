using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>An axis of a Resize: where each element of its result lies in its input.</summary>
/// <param name="Node">The node.</param>
/// <param name="Input">Elements before.</param>
/// <param name="Output">Elements after.</param>
/// <param name="Scale">How much longer it gets, which need not be their exact ratio.</param>
/// <param name="Crop">Which part of the input is taken, from 0 to 1; null where it is all of it.</param>
internal sealed record ResizeAxis(Node Node, int Input, int Output, float Scale, (float Start, float End)? Crop)
{
    /// <summary>Whether nothing happens to it.</summary>
    public bool Stays => Input == Output && Scale == 1 && Crop is null or (0, 1);

    /// <summary>All axes of a node's input.</summary>
    public static ResizeAxis[] Of(GraphImporter graph, Node node)
    {
        var (input, output) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        int[] axes = node.Ints("axes") is { } named ? [.. NodeAxes.Each(node, named, input.Length)] : [.. Enumerable.Range(0, input.Length)];
        float[] scales = [.. output.Select((length, axis) => (float)length / input[axis])];
        if (Floats(graph, node, 2) is { } given && given.Length == axes.Length)
            for (var i = 0; i < axes.Length; i++) scales[axes[i]] = given[i];
        else if (node.Input(3).Length > 0 && SliceReading.Numbers(graph, node, null, 3) is { } sizes
            && ResizeRatio.Of(node, [.. axes.Select(a => (long)input[a])], [.. sizes]) is { } ratio)
            foreach (var axis in axes) scales[axis] = ratio;
        var isCropped = node.Text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
        var roi = isCropped ? Floats(graph, node, 1) : null;
        if (isCropped && roi?.Length != 2 * axes.Length) throw GraphImporter.Unsupported(node, "the part that it takes is not constant");
        return [.. input.Select((length, axis) => new ResizeAxis(node, length, output[axis], scales[axis],
            roi is not null && Array.IndexOf(axes, axis) is >= 0 and var i ? (roi[i], roi[axes.Length + i]) : null))];
    }

    /// <summary>Where an element lies, in elements of the input; those outside of it have no place.</summary>
    public float At(int i)
    {
        if (Stays) return i;
        if (Crop is var (start, end))
            return start * (Input - 1) + (Output > 1 ? i * (end - start) * (Input - 1) / (Output - 1) : 0.5f * (end - start) * (Input - 1));
        return Node.Text("coordinate_transformation_mode", "half_pixel") switch
        {
            "half_pixel" => (i + 0.5f) / Scale - 0.5f,
            "half_pixel_symmetric" => Input / 2f * (1 - Output / (Input * Scale)) + (i + 0.5f) / Scale - 0.5f,
            "pytorch_half_pixel" => Output > 1 ? (i + 0.5f) / Scale - 0.5f : 0,
            "asymmetric" => i / Scale,
            "align_corners" => Output == 1 ? 0 : (float)i * (Input - 1) / (Output - 1),
            "tf_crop_and_resize" => i,
            var other => throw GraphImporter.Unsupported(Node, $"its coordinate_transformation_mode is '{other}'"),
        };
    }

    /// <summary>The element that is nearest to a place.</summary>
    public int Nearest(float at) => Math.Clamp(Node.Text("nearest_mode", "round_prefer_floor") switch
    {
        "round_prefer_floor" => at == MathF.Floor(at) + 0.5f ? (int)MathF.Floor(at) : (int)MathF.Round(at, MidpointRounding.AwayFromZero),
        "round_prefer_ceil" => (int)MathF.Floor(at + 0.5f),
        "floor" => (int)MathF.Floor(at),
        "ceil" => (int)MathF.Ceiling(at),
        var other => throw GraphImporter.Unsupported(Node, $"its nearest_mode is '{other}'"),
    }, 0, Input - 1);

    /// <summary>For each element the two that it lies between, or the one that is nearest.</summary>
    public ResampleAxis Between(bool isLinear)
    {
        var (low, high, weight) = (new int[Output], new int[Output], new float[Output]);
        for (var i = 0; i < Output; i++)
        {
            if (isLinear)
            {
                var at = Math.Clamp(At(i), 0, Input - 1);
                low[i] = Math.Min((int)at, Input - 1);
                high[i] = Math.Min(low[i] + 1, Input - 1);
                weight[i] = low[i] == high[i] ? 0.5f : at - low[i];
            }
            else low[i] = high[i] = Nearest(At(i));
        }
        return new ResampleAxis(low, high, weight);
    }

    private static float[]? Floats(GraphImporter graph, Node node, int input) =>
        node.Input(input).Length > 0 && graph.Constant(node.Inputs[input]) is { Type: ElementType.Float32 } tensor
            ? tensor.Span<float>().ToArray() : null;
}
