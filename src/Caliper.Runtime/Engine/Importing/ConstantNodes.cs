using System.Collections.Immutable;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Nodes whose inputs are all constant: weights that a file quantizes, transposes or renames in the graph.</summary>
internal static class ConstantNodes
{
    /// <summary>Replaces the node by a constant where it can.</summary>
    public static bool TryFold(GraphImporter graph, Node node)
    {
        if (ConstantNode.ValueOf(node) is { } said)
        {
            graph[node.Output] = new Source.Constant(said);
            return true;
        }
        if (graph.Constant(node.Input(0)) is not { } tensor || node.Domain.Length > 0 && node.OpType is not "QuantizeLinear") return false;
        Func<Tensor>? fold = node.OpType switch
        {
            "QuantizeLinear" when tensor.Type is ElementType.Float32 && node.Int("block_size", 0) == 0 => () => Quantize(graph, node, tensor),
            "Identity" => () => tensor,
            "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" =>
                () => tensor.Reshape(Shape.Of([.. graph.ShapeOf(node.Output).Select(l => (long)l)])),
            "Transpose" when tensor.Type.BitsPerElement() >= 8 => () => graph.Transposed(tensor, NodeAxes.Order(node, tensor.Shape.Rank)),
            _ => null,
        };
        if (fold is null) return false;
        // The same tensor for every plan, so that what is made of it is made once. Only its name's shape may be another.
        var shape = node.OpType is "Reshape" ? Sizes.Text(graph.ShapeOf(node.Output)) : "";
        graph[node.Output] = new Source.Constant(graph.Resources.Model.Once(tensor, (node.Output, shape), fold));
        return true;
    }

    /// <summary>A constant with its axes in another order.</summary>
    public static Tensor Transpose(Tensor tensor, ImmutableArray<int> order)
    {
        var shape = tensor.Shape.ToArray();
        var size = tensor.Type.BitsPerElement() / 8;
        var strides = TensorLayout.DenseStrides([.. shape.Select(l => (int)l)], size);
        long[] target = [.. order.Select(a => shape[a])];
        var source = tensor.Bytes.Span;
        var result = new byte[tensor.Bytes.Length];
        for (var i = 0; i < tensor.Count; i++)
        {
            long rest = i, from = 0;
            for (var axis = order.Length - 1; axis >= 0; axis--)
            {
                (rest, var at) = Math.DivRem(rest, target[axis]);
                from += at * strides[order[axis]];
            }
            source.Slice((int)from, size).CopyTo(result.AsSpan(i * size));
        }
        return new Tensor(tensor.Type, Shape.Of(target), result);
    }

    private static Tensor Quantize(GraphImporter graph, Node node, Tensor real)
    {
        var (scales, zeroPoints, type) = ScaleReading.Of(graph, node, 1, 2);
        var quantized = QuantizedType.Of(type);
        var parameters = scales.Length == 1 ? QuantizationParameters.PerTensor(quantized, scales[0], zeroPoints[0])
            : QuantizationParameters.PerChannel(quantized, [.. scales], [.. zeroPoints], NodeAxes.Of(node, real.Shape.Rank, 1));
        return Quantizer.Quantize(real, parameters);
    }
}
