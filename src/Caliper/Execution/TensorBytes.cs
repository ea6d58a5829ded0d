using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>How much memory the values of a graph take.</summary>
internal static class TensorBytes
{
    /// <summary>Bytes of a value of floats, which may be more than a long can say; 0 where its size is not known.</summary>
    public static double BytesOf(this Graph graph, string value) => graph.Find(value)?.Shape is { IsStatic: true } shape
        ? shape.Dimensions.Aggregate((double)sizeof(float), (size, axis) => size * axis.Length) : 0;
}
