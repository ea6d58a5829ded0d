using Caliper.Graphs;

namespace Caliper.Statistics;

/// <summary>How a tensor of a batch falls apart into samples: <paramref name="Count"/> pieces of <paramref name="Elements"/> neighbours.</summary>
internal readonly record struct SampleCut(int Count, int Elements)
{
    /// <summary>The one rule there is.</summary>
    /// <param name="shape">The tensor's.</param>
    /// <param name="elements">How many it has.</param>
    /// <param name="samples">Samples in the batch. A tensor whose first axis has another length does not tell them apart, and is one piece.
    /// Null where nobody knows: the first axis counts samples then, and a vector is one.</param>
    public static SampleCut Of(Shape shape, int elements, int? samples)
    {
        var count = samples is { } known ? (shape.Rank > 0 && shape[0].Length == known ? known : 1)
            : shape.Rank >= 2 ? (int)shape[0].Length : 1;
        return new(count, elements / count);
    }
}
