using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>Some samples, stacked along the first axis of every input.</summary>
/// <param name="Inputs">A tensor for each input, by name; the name is empty where the model has one input. The first axis of
/// each is the samples, <see cref="Count"/> of them.</param>
/// <param name="Labels">The class index of each sample, from 0, or null where the data has no labels; the same in all
/// batches of some data.</param>
/// <param name="SampleNames">What to call each sample in a message: a file path, or its number.</param>
public sealed record Batch(
    IReadOnlyDictionary<string, Tensor> Inputs, ImmutableArray<int>? Labels, ImmutableArray<string> SampleNames)
{
    /// <summary>A batch of a model with one input, its samples numbered from <c>#0</c>.</summary>
    /// <param name="input">The samples, stacked along the first axis.</param>
    /// <param name="labels">The class index of each, or null.</param>
    public static Batch Of(Tensor input, ImmutableArray<int>? labels = null) => new(
        new Dictionary<string, Tensor> { [""] = input },
        labels,
        [.. Enumerable.Range(0, (int)input.Shape[0].Length).Select(i => $"#{i}")]);

    /// <summary>Number of samples.</summary>
    public int Count => SampleNames.Length;

    /// <summary>Refuses inputs whose first axis is not the samples.</summary>
    internal void CheckSamples()
    {
        foreach (var (name, input) in Inputs)
        {
            if (input.Shape.Rank > 0 && input.Shape[0].Length == Count) continue;
            throw new CaliperException($"{(name.Length > 0 ? $"The input '{name}'" : "The input")} is of {input}, whose first axis is not the "
                + $"{Count} sample{(Count == 1 ? "" : "s")} of the batch.");
        }
    }
}
