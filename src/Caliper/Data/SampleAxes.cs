using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>
/// Along which axis of each array its samples lie: the first, unless somebody says otherwise. Such an array is read as if it had as many rows for
/// each sample as its first axis is long: a state of two layers, 2×100×64, holds 100 samples of 2×1×64. An array with one axis more than its
/// input has an axis for the samples alone: 100×54 for a network that takes 54 numbers, or 100×1×3×8×8 for one that takes 1×3×8×8.
/// </summary>
public sealed record SampleAxes
{
    /// <summary>The first of every array.</summary>
    public static SampleAxes First { get; } = new();

    /// <summary>By the array's name, which is the input's; counted from the front or, below zero, from the end.</summary>
    public ImmutableSortedDictionary<string, int> Said { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>The network's inputs: where nothing is said of an array that only fits its input with samples along another axis than the first, or
    /// along one of their own, that is their axis.</summary>
    public ImmutableArray<Value> Inputs { get; init; } = [];

    /// <summary>Whether an axis more than an input has is that of the steps of a stream.</summary>
    internal bool AreStreams { get; init; }

    /// <summary>The same arrays, each with its axis.</summary>
    /// <exception cref="CaliperException">There is no such array or axis.</exception>
    internal ImmutableArray<NpyArray> Of(ImmutableArray<NpyArray> arrays, string path)
    {
        if (Said.Keys.FirstOrDefault(name => arrays.All(a => a.Name != name)) is { } unknown)
            throw new CaliperException($"'{path}' holds no array '{unknown}' whose axis of samples could be named; its arrays are "
                + $"{string.Join(", ", arrays.Select(a => $"'{a.Name}'"))}.{Suggestion.For(unknown, arrays.Select(a => a.Name))}");
        // Arrays of which nothing else can be meant say how many samples there are.
        return [.. arrays.Select(a => a with { SampleAxis = Said.TryGetValue(a.Name, out var said) ? AxisIn(a, said) : Found(a, arrays) })
            .Select(a => a with { HoldsWholeInputs = HoldsWholeInputs(a) })];
    }

    /// <summary>Whether an array has an axis for the samples alone.</summary>
    /// <exception cref="CaliperException">What is left without it is no such input.</exception>
    private bool HoldsWholeInputs(NpyArray array)
    {
        if (AreStreams || InputOf(array) is not { Shape: { Rank: > 0 } shape } input || array.Header.Lengths.Length <= shape.Rank) return false;
        var sample = Shape.Of(array.Header.Lengths.RemoveAt(array.SampleAxis).AsSpan());
        return sample.Rank == shape.Rank && sample.Dimensions.Zip(shape.Dimensions).All(d => !d.Second.IsKnown || d.First == d.Second) ? true
            : throw new CaliperException($"{array.Place} holds samples of {sample}, and the model's input '{input.Name}' takes {shape}.");
    }

    // The array of a network's only input may have any name.
    private Value? InputOf(NpyArray array) => Inputs.FirstOrDefault(i => i.Name == array.Name)
        ?? (Inputs is [var only] && array.Name != ArrayLoader.LabelsName ? only : null);

    private static int AxisIn(NpyArray array, int axis)
    {
        var rank = array.Header.Lengths.Length;
        return axis >= -rank && axis < rank ? axis < 0 ? axis + rank : axis
            : throw new CaliperException($"{array.Place} has {rank} axes, and none is {axis}.");
    }

    /// <summary>The one axis whose length is not the input's, where all others are and some other array has as many samples.</summary>
    private int Found(NpyArray array, ImmutableArray<NpyArray> arrays)
    {
        var lengths = array.Header.Lengths;
        if (InputOf(array)?.Shape is not { Rank: > 1 } shape || shape.Rank != lengths.Length) return 0;
        // Only a fixed first axis says that it is none of samples.
        if (!shape[0].IsKnown || shape[0].Length != lengths[0]) return 0;
        int[] others = [.. Enumerable.Range(1, lengths.Length - 1).Where(axis => !shape[axis].IsKnown || shape[axis].Length != lengths[axis])];
        return others is [var one] && (!shape[one].IsKnown || shape[one].Length == 1)
            && arrays.Any(a => a != array && a.Header.Lengths[0] == lengths[one]) ? one : 0;
    }
}
