using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>Which outputs of one step a network is fed with in the next.</summary>
public sealed class StateFeed
{
    private readonly ImmutableSortedDictionary<string, string> _outputOf;

    /// <param name="feed">For each input that is a state, the output that holds what the next step is fed with.</param>
    public StateFeed(IReadOnlyDictionary<string, string> feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        _outputOf = feed.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>The inputs that are states.</summary>
    public IEnumerable<string> States => _outputOf.Keys;

    /// <summary>Whether an input is a state.</summary>
    public bool IsState(string input) => _outputOf.ContainsKey(input);

    /// <summary>What the next step is fed with.</summary>
    internal Dictionary<string, Tensor> Next(IReadOnlyDictionary<string, Tensor> outputs) =>
        _outputOf.ToDictionary(f => f.Key, f => outputs[f.Value], StringComparer.Ordinal);

    /// <summary>What a stream starts with where the data does not say: zeros. Of an axis whose length is free there is one.</summary>
    internal static Tensor Zeros(Value state)
    {
        if (state.Shape is not { } shape)
            throw new CaliperException($"The shape of the state '{state.Name}' is not known: "
                + "give what a stream starts with as an array of that name.");
        var start = new Shape([.. shape.Dimensions.Select(d => d.IsKnown ? d : 1)]);
        return new Tensor(state.Type, start, new byte[start.ElementCount * state.Type.BitsPerElement() / 8]);
    }

    /// <summary>Refuses what a model does not have, and an output that does not fit the input it is fed to.</summary>
    /// <exception cref="CaliperException">The message names it.</exception>
    internal void Check(IModel model)
    {
        foreach (var (input, output) in _outputOf)
        {
            var to = Find(model.Inputs, "input", input);
            var from = Find(model.Outputs, "output", output);
            var fits = from.Type == to.Type && (from.Shape is not { } made || to.Shape is not { } taken || (made.Rank == taken.Rank
                && made.Dimensions.Zip(taken.Dimensions, (m, t) => !m.IsKnown || !t.IsKnown || m.Length == t.Length).All(same => same)));
            if (!fits) throw new CaliperException($"The output {from} cannot be fed to the input {to}: types or sizes differ.");
        }
        if (model.Inputs.All(i => IsState(i.Name)))
            throw new CaliperException("All inputs are states: there is nothing that data could be fed to.");
    }

    private static Value Find(IReadOnlyList<Value> values, string kind, string name) => values.FirstOrDefault(v => v.Name == name)
        ?? throw new CaliperException($"The model has no {kind} '{name}' to feed a state with; its {kind}s are "
            + $"{string.Join(", ", values.Select(v => $"'{v.Name}'"))}.{Suggestion.For(name, values.Select(v => v.Name))}");
}
