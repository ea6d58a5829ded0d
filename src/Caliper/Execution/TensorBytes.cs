using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>How much memory the values of a graph take.</summary>
internal static class TensorBytes
{
    /// <summary>Bytes of a value of floats, which may be more than a long can say; 0 where its size is not known.</summary>
    public static double BytesOf(this Graph graph, string value) => graph.Find(value)?.Shape is { } shape ? Of(shape.Dimensions) : 0;

    /// <summary>Bytes of so many floats; 0 where a length is not known.</summary>
    public static double Of(IEnumerable<Dimension> axes) =>
        axes.Aggregate((double)sizeof(float), (size, axis) => axis.IsKnown ? size * axis.Length : 0);
}
