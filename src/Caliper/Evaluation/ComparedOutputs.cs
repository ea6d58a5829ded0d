using System.Collections.Immutable;
using Caliper.Preparation;

namespace Caliper.Evaluation;

/// <summary>By what two models are compared: their outputs, and in place of an output whose rows numbers choose, what the choice reads
/// (<see cref="RowChoices"/>).</summary>
internal sealed class ComparedOutputs
{
    private readonly RowChoices? _choices;

    private ComparedOutputs(IModel reference, IModel candidate)
    {
        var pairs = PairsOf(reference, candidate);
        _choices = ModelGraphs.Of(reference) is { } graph && RowChoices.Of(graph) is { HasAny: true } found ? found : null;
        Chosen = [.. pairs.Where(p => IsChosen(p.Reference))];
        var names = pairs.ToDictionary(p => p.Reference, p => p.Candidate, StringComparer.Ordinal);
        Judged = _choices is null ? pairs : [.. _choices.Judged.Select(v => (v.Name, names.GetValueOrDefault(v.Name, v.Name)))
            .Where(p => ModelGraphs.Gives(reference, p.Item1) && ModelGraphs.Gives(candidate, p.Item2))];
    }

    /// <summary>The values that are compared element by element, as both models call them.</summary>
    public ImmutableArray<(string Reference, string Candidate)> Judged { get; }

    /// <summary>The outputs that are not, as both models call them.</summary>
    public ImmutableArray<(string Reference, string Candidate)> Chosen { get; }

    /// <summary>What is compared of two models.</summary>
    /// <exception cref="CaliperException">They do not return the same outputs.</exception>
    public static ComparedOutputs Of(IModel reference, IModel candidate) => new(reference, candidate);

    /// <summary>Whether numbers choose the rows of an output of the reference.</summary>
    public bool IsChosen(string output) => _choices?.IsChosen(output) is true;

    /// <inheritdoc cref="RowChoices.RowLength"/>
    public long? RowLength(string output) => _choices?.RowLength(output);

    /// <summary>A converter may rename outputs, but it keeps their order.</summary>
    private static ImmutableArray<(string Reference, string Candidate)> PairsOf(IModel reference, IModel candidate)
    {
        string[] expected = [.. reference.Outputs.Select(o => o.Name)], actual = [.. candidate.Outputs.Select(o => o.Name)];
        if (expected.All(actual.Contains)) return [.. expected.Select(name => (name, name))];
        if (expected.Length == actual.Length) return [.. expected.Zip(actual)];
        throw new CaliperException($"The models cannot be compared: one returns {string.Join(", ", expected)}, "
            + $"the other {string.Join(", ", actual)}.");
    }
}
