using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Fusion;
using Caliper.Graphs;

namespace Caliper.Analysis;

/// <summary>Finds weights, bias and observed input levels of each int8 layer, for <see cref="Headroom"/>.</summary>
internal static class HeadroomProof
{
    /// <summary>One entry for each layer whose weights and input are int8.</summary>
    public static ImmutableArray<Headroom> Of(FusedModel reference, Graph int8, Correspondence matched, ImmutableArray<TensorError> tensors) =>
        [.. matched.Weights.Select(weight => Of(reference.Layers.First(l => l.Name == weight.Layer), weight, int8, tensors)).OfType<Headroom>()];

    private static Headroom? Of(Layer layer, Int8Weight weight, Graph int8, ImmutableArray<TensorError> tensors)
    {
        if (tensors.FirstOrDefault(t => t.Value == layer.Operation.Inputs[0]) is not { Values: > 0 } input) return null;
        var levels = input.Levels;
        int first = levels.IndexOf(levels.First(l => l > 0)), last = levels.LastIndexOf(levels.Last(l => l > 0));
        var (lowest, zeroPoint) = (input.Parameters.Type.Min, input.Parameters.ZeroPoint);
        var axis = weight.Parameters.Axis ?? OutputAxis.Of(layer.Operation, weight.Integers.Shape);
        var channels = (int)weight.Integers.Shape[axis].Length;
        return Headroom.Of(layer.Name, ByChannel(weight, axis), channels, BiasOf(layer, int8, channels), weight.Parameters.Scales.AsSpan(),
            lowest + first - zeroPoint, lowest + last - zeroPoint);
    }

    /// <summary>Weights without their zero points, one output channel after the other; within a channel, input channels lie
    /// innermost, as engines read them.</summary>
    private static int[] ByChannel(Int8Weight weight, int axis)
    {
        var (shape, parameters) = (weight.Integers.Shape, weight.Parameters);
        var channels = (int)shape[axis].Length;
        var inner = Product(shape, axis + 1);
        var outer = Product(shape, 0) / inner / channels;
        // A convolution's kernel lies as inputs × window; engines go through the window outside and the inputs inside.
        var window = axis == 0 && shape.Rank > 2 ? Product(shape, 2) : 1;
        var inputs = inner / window;
        var byChannel = new int[weight.Integers.Count];
        for (var c = 0; c < channels; c++)
            for (var o = 0; o < outer; o++)
                for (var w = 0; w < window; w++)
                    for (var i = 0; i < inputs; i++)
                    {
                        var at = ((o * channels + c) * inputs + i) * window + w;
                        int value = weight.Integers.Type == ElementType.Int8
                            ? weight.Integers.Span<sbyte>()[at]
                            : (int)weight.Integers.Span<byte>()[at];
                        byChannel[((c * outer + o) * window + w) * inputs + i] = value - parameters.ZeroPoints[parameters.Axis is null ? 0 : c];
                    }
        return byChannel;
    }

    /// <summary>The int32 bias that the int8 network holds for a layer; empty where it has none.</summary>
    private static ReadOnlySpan<int> BiasOf(Layer layer, Graph int8, int channels)
    {
        var name = layer.Operation.Input(2);
        if (name.Length == 0) return [];
        return (int8.Constant(name + "_quantized") ?? int8.Constant(name)) is { Type: ElementType.Int32 } bias && bias.Count == channels
            ? bias.Span<int>() : [];
    }

    private static int Product(Shape shape, int from)
    {
        var product = 1;
        for (var axis = from; axis < shape.Rank; axis++) product *= (int)shape[axis].Length;
        return product;
    }
}
