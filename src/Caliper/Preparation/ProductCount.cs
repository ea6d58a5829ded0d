using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>Counts the multiplications of one sample from shapes.</summary>
internal static class ProductCount
{
    /// <summary>The network with a first axis of unknown length taken as 1 in every input, and all shapes that follow from that.</summary>
    public static Graph OfOneSample(Graph graph)
    {
        try
        {
            return ShapeInference.Infer(graph.With(inputs: [.. graph.Inputs.Select(OneSample)]));
        }
        catch (CaliperException)
        {
            // The network does not allow a batch of 1; what can be known without it is in its own shapes.
            return graph;
        }
    }

    /// <summary>The multiplications of a node; 0 for an operator that is no sum of products, null where shapes are not known.</summary>
    public static long? Of(Graph oneSample, Node node)
    {
        if (node.Is("LSTM") || node.Is("GRU") || node.Is("RNN")) return OfRecurrence(oneSample, node);
        if (OperatorCatalogue.ProductOf(node) is not { } kind) return 0;
        var (input, weights, output) = (ShapeOf(node.Input(0)), ShapeOf(node.Input(1)), ShapeOf(node.Output));
        return kind switch
        {
            // Each output is the sum over one kernel: its input channels and its taps.
            ProductKind.Convolution => Product(output, KernelOf(weights)),
            // Each input is spread over one kernel: its output channels and its taps.
            ProductKind.TransposedConvolution => Product(input, KernelOf(weights)),
            ProductKind.Gemm => Product(output, AxisOf(input, node.Int("transA", 0) != 0 ? 0 : 1)),
            _ => Product(output, AxisOf(input, -1)),
        };

        Shape? ShapeOf(string value) => oneSample.Find(value)?.Shape;
    }

    /// <summary>Each step of each sequence is multiplied by all weights: of the input, and of the state.</summary>
    private static long? OfRecurrence(Graph oneSample, Node node)
    {
        var steps = oneSample.Find(node.Input(0))?.Shape is { Rank: 3 } input ? new Shape(input.Dimensions[..2]) : (Shape?)null;
        return Product(steps, oneSample.Find(node.Input(1))?.Shape) + Product(steps, oneSample.Find(node.Input(2))?.Shape);
    }

    private static Value OneSample(Value input) =>
        input.Shape is { Rank: > 0 } shape && !shape[0].IsKnown ? input with { Shape = shape.With(0, 1) } : input;

    private static Shape? KernelOf(Shape? weights) => weights is { Rank: > 1 } shape ? new Shape(shape.Dimensions[1..]) : null;

    private static Shape? AxisOf(Shape? shape, int axis) =>
        shape is { Rank: var rank } known && rank > Math.Max(axis, 0) ? new Shape([known[axis]]) : null;

    private static long? Product(Shape? one, Shape? other)
    {
        if (one is not { IsStatic: true } a || other is not { IsStatic: true } b) return null;
        try
        {
            return checked(a.ElementCount * b.ElementCount);
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
