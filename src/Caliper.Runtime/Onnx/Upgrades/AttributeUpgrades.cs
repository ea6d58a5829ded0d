using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>Operators of which attributes became inputs.</summary>
internal static class AttributeUpgrades
{
    /// <summary>An attribute of integers, or of one, becomes the second input; where it is absent, so is the input.</summary>
    public static Node ToInput(Node node, GraphUpgrade graph, string attribute)
    {
        long[] values = node.Attributes.GetValueOrDefault(attribute) is AttributeValue.Int one ? [one.Value] : [.. node.Ints(attribute) ?? []];
        return (values.Length > 0 ? node with { Inputs = [node.Input(0), graph.Add(node, attribute, Tensor.Vector(values))] } : node)
            .Without(attribute);
    }

    public static IEnumerable<Node> Slice(Node node, GraphUpgrade graph)
    {
        if (node.Ints("starts") is not { } starts || node.Ints("ends") is not { } ends)
            throw GraphUpgrade.Cannot(node, "it does not say where it starts and ends");
        ImmutableArray<string> inputs =
        [
            node.Input(0),
            graph.Add(node, "starts", Tensor.Vector(starts.ToArray())),
            graph.Add(node, "ends", Tensor.Vector(ends.ToArray())),
        ];
        if (node.Ints("axes") is { } axes) inputs = inputs.Add(graph.Add(node, "axes", Tensor.Vector(axes.ToArray())));
        yield return (node with { Inputs = inputs }).Without("starts").Without("ends").Without("axes");
    }

    /// <summary>A limit that is none (the largest float) is left out.</summary>
    public static IEnumerable<Node> Clip(Node node, GraphUpgrade graph)
    {
        string Limit(string name, float none) => node.Float(name, none) is var limit && limit != none
            ? graph.Add(node, name, Scalar(limit, graph.TypeOf(node.Input(0))))
            : "";
        var (min, max) = (Limit("min", float.MinValue), Limit("max", float.MaxValue));
        ImmutableArray<string> inputs = max.Length > 0 ? [node.Input(0), min, max]
            : min.Length > 0 ? [node.Input(0), min]
            : [node.Input(0)];
        yield return (node with { Inputs = inputs }).Without("min").Without("max");
    }

    public static IEnumerable<Node> Pad(Node node, GraphUpgrade graph)
    {
        if (node.Ints("pads") is not { } pads) throw GraphUpgrade.Cannot(node, "it does not say how much it adds");
        ImmutableArray<string> inputs = [node.Input(0), graph.Add(node, "pads", Tensor.Vector(pads.ToArray()))];
        if (node.Float("value", 0) is var value && value != 0)
            inputs = inputs.Add(graph.Add(node, "value", Scalar(value, graph.TypeOf(node.Input(0)))));
        yield return (node with { Inputs = inputs }).Without("pads").Without("value");
    }

    /// <summary>Pieces of equal size have to be counted.</summary>
    public static IEnumerable<Node> Split(Node node, GraphUpgrade graph) =>
        [node.Input(1).Length > 0 ? node : node.With("num_outputs", (long)node.Outputs.Length)];

    /// <summary>The default that was the only way is no longer the default.</summary>
    public static IEnumerable<Node> RoiAlign(Node node, GraphUpgrade graph) =>
        [node.With("coordinate_transformation_mode", "output_half_pixel")];

    /// <summary>Interpolation in any number of dimensions has names that do not count them.</summary>
    public static IEnumerable<Node> GridSample(Node node, GraphUpgrade graph) => [node.Text("mode", "bilinear") switch
    {
        "bilinear" => node.Without("mode"),
        "bicubic" => node.With("mode", "cubic"),
        _ => node,
    }];

    /// <summary>The axis became the third input; its default was the first after the batch.</summary>
    public static IEnumerable<Node> Dft(Node node, GraphUpgrade graph) =>
        [(node with { Inputs = [node.Input(0), node.Input(1), graph.Add(node, "axis", Tensor.Scalar(node.Int("axis", 1)))] }).Without("axis")];

    /// <summary>A number in the type of the data it meets; single precision where that is not known.</summary>
    private static Tensor Scalar(float value, ElementType type) => type switch
    {
        ElementType.Float16 => Tensor.Scalar((Half)value),
        ElementType.Float64 => Tensor.Scalar((double)value),
        _ => Tensor.Scalar(value),
    };
}
