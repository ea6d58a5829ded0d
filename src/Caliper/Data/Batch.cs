using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>Some samples, stacked along the first axis of every input.</summary>
/// <param name="Inputs">A tensor for each input, by name; the name is empty where the model has one input. The first axis of
/// each is the samples, <see cref="Count"/> of them, or so many rows for each sample.</param>
/// <param name="Labels">The class index of each sample, from 0, or null where the data has no labels; the same in all
/// batches of some data.</param>
/// <param name="SampleNames">What to call each sample in messages and in a calibration's ledger: a file path, or its number. No two samples of
/// some data should have the same.</param>
public sealed record Batch(
    IReadOnlyDictionary<string, Tensor> Inputs, ImmutableArray<int>? Labels, ImmutableArray<string> SampleNames)
{
    /// <summary>A batch of a model with one input. Its samples have numbers for names: those that they have in the data, when one pass over it
    /// sees this batch after others.</summary>
    /// <param name="input">The samples, stacked along the first axis.</param>
    /// <param name="labels">The class index of each, or null.</param>
    /// <exception cref="ArgumentException">It is a single number, which has no axis.</exception>
    public static Batch Of(Tensor input, ImmutableArray<int>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Shape.Rank == 0) throw new ArgumentException("Samples are stacked along the first axis; this tensor has none.", nameof(input));
        var numbers = Numbers(0, (int)input.Shape[0].Length);
        return new(new Dictionary<string, Tensor> { [""] = input }, labels, numbers) { OwnNumbers = numbers };
    }

    /// <summary>Number of samples.</summary>
    public int Count => SampleNames.Length;

    /// <summary>Names that only count within it, as long as nobody gave it others.</summary>
    private ImmutableArray<string> OwnNumbers { get; init; }

    /// <summary>The batch with names that nobody before it has.</summary>
    /// <param name="first">Samples before it.</param>
    internal Batch NumberedFrom(int first) =>
        !OwnNumbers.IsDefault && OwnNumbers == SampleNames ? this with { SampleNames = Numbers(first, Count) } : this;

    private static ImmutableArray<string> Numbers(int first, int count) => [.. Enumerable.Range(first, count).Select(i => $"#{i}")];

    /// <summary>Refuses inputs whose first axis is neither the samples nor some rows for each.</summary>
    internal void CheckSamples()
    {
        if (Count == 0) throw new CaliperException("The batch has no samples.");
        foreach (var (name, input) in Inputs)
        {
            if (input.Shape.Rank > 0 && input.Shape[0].Length > 0 && input.Shape[0].Length % Count == 0) continue;
            throw new CaliperException($"{(name.Length > 0 ? $"The input '{name}'" : "The input")} is of {input}, whose first axis is not the "
                + $"{Count} sample{(Count == 1 ? "" : "s")} of the batch.");
        }
    }
}
