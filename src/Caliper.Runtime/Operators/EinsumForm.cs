using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>What an Einsum's equation says, such as <c>bij,bjk->bik</c>: a number for each axis, the same where axes go together. Letters are
/// their characters; the axes of an ellipsis are negative, counted from the last.</summary>
/// <param name="Terms">The axes of each input.</param>
/// <param name="Output">The axes of the output.</param>
internal sealed record EinsumForm(ImmutableArray<ImmutableArray<int>> Terms, ImmutableArray<int> Output)
{
    private const string Dots = "...";

    /// <summary>Reads a node whose inputs have so many axes.</summary>
    /// <exception cref="CaliperException">The equation is none, or does not fit the inputs.</exception>
    public static EinsumForm Of(Node node, ImmutableArray<int> ranks)
    {
        var equation = string.Concat(node.Text("equation", "").Where(c => !char.IsWhiteSpace(c)));
        var sides = equation.Split("->");
        var said = sides[0].Split(',');
        if (sides.Length > 2 || said.Length != ranks.Length) throw NodeFault.Of(node, $"has the equation '{equation}' for {ranks.Length} inputs");
        var terms = said.Zip(ranks, (term, rank) => AxesOf(node, term, rank)).ToImmutableArray();
        var all = terms.SelectMany(t => t).ToArray();
        var more = all.Where(a => a < 0).Distinct().Order().ToArray();
        var output = sides.Length == 2 ? AxesOf(node, sides[1], sides[1].Replace(Dots, "", StringComparison.Ordinal).Length
                + (sides[1].Contains(Dots, StringComparison.Ordinal) ? more.Length : 0))
            // Not said: the ellipsis, then what is there once, in the order of the alphabet.
            : [.. more, .. all.Where(a => a >= 0 && all.Count(b => b == a) == 1).Order()];
        if (output.Distinct().Count() != output.Length || output.Except(all).Any())
            throw NodeFault.Of(node, $"has the equation '{equation}', whose output has an axis twice or one that no input has");
        return new(terms, output);
    }

    /// <summary>How long each axis is; one of length 1 is repeated.</summary>
    public IReadOnlyDictionary<int, Dimension> Lengths(Node node, ImmutableArray<Shape> shapes, Func<Dimension, Dimension, Dimension?> join)
    {
        var lengths = new Dictionary<int, Dimension>();
        foreach (var (term, shape) in Terms.Zip(shapes))
        {
            for (var i = 0; i < term.Length; i++)
            {
                lengths[term[i]] = !lengths.TryGetValue(term[i], out var known) ? shape[i]
                    : join(known, shape[i]) ?? throw NodeFault.Of(node, $"has axes of {known} and {shape[i]} that go together");
            }
        }
        return lengths;
    }

    private static ImmutableArray<int> AxesOf(Node node, string term, int rank)
    {
        var parts = term.Split(Dots);
        var letters = parts.Sum(p => p.Length);
        if (parts.Length > 2 || !parts.All(p => p.All(char.IsAsciiLetter)) || letters > rank || (parts.Length == 1 && letters != rank))
            throw NodeFault.Of(node, $"has '{term}' in its equation for {rank} axes");
        return [.. parts[0], .. Enumerable.Range(letters - rank, rank - letters), .. parts.Skip(1).SelectMany(p => p).Select(c => (int)c)];
    }
}
