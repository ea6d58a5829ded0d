using Caliper.Graphs;

namespace Caliper.Conformance.Torch;

internal static class ModelRunning
{
    /// <summary>The only output for the only input.</summary>
    public static Tensor Run(this IModel model, Tensor input) =>
        model.Run(new Dictionary<string, Tensor> { [""] = input }).Values.Single();

    public static float LargestDifference(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        return LargestDifference(expected.Span<float>(), actual.Span<float>());
    }

    public static float LargestDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0f;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(float.IsFinite(actual[i]), $"element {i} is {actual[i]}");
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        }
        return largest;
    }
}
