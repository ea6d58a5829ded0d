using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// Which values of a network stand at places that numbers choose. A detector that ends with NonMaxSuppression returns as many rows as it finds
/// boxes, in the order of their scores; the last bit of a score may change both, and row 5 of the int8 network is no form of row 5 of the float one.
/// So nothing can be told by comparing such rows: a network is judged by the numbers that choose, and by what they choose from. It is the graph
/// that decides, not what a run happens to give.
/// </summary>
internal sealed class RowChoices
{
    // Whoever plans, searches and compares asks again and again.
    private static readonly ConditionalWeakTable<Graph, RowChoices> Known = [];

    private readonly Graph _graph;
    private readonly HashSet<string> _fed;
    private readonly HashSet<string> _rounded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Chosen> _chosen = new(StringComparer.Ordinal);

    private RowChoices(Graph graph)
    {
        _graph = ShapeInference.Infer(graph);
        _fed = _graph.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in _graph.Nodes) Follow(node);
        // A whole number made of rounded ones stands for a place among them, as the class of a pixel does, or is their last digit.
        foreach (var whole in _graph.Outputs.Where(o => o.Type is not ElementType.Undefined && !FloatCasts.IsFloat(o.Type)))
            if (_rounded.Contains(whole.Name)) _chosen.TryAdd(whole.Name, Chosen.Places);
        HasAny = _graph.Outputs.Any(o => IsChosen(o.Name));
        HashSet<string> told = new(StringComparer.Ordinal);
        if (HasAny) told.UnionWith(_graph.Outputs.Where(o => !IsChosen(o.Name)).SelectMany(o => PartsOf(o.Name)));
        Judged = [.. _graph.Outputs.SelectMany(o => IsChosen(o.Name) ? ReadBefore(o.Name, told) : [o]).DistinctBy(v => v.Name)];
    }

    /// <summary>What numbers choose of a value.</summary>
    private enum Chosen
    {
        /// <summary>Nothing: each element has its place.</summary>
        Nothing,

        /// <summary>What stands at which place; how many places there are is fixed.</summary>
        Places,

        /// <summary>How many there are.</summary>
        Count,
    }

    /// <summary>The values that the network is judged by, in the order of its outputs: each output, or in its place, where numbers choose what it
    /// holds, the floats that the choice and what comes after it read.</summary>
    public ImmutableArray<Value> Judged { get; }

    /// <summary>Whether any output is chosen.</summary>
    public bool HasAny { get; }

    /// <summary>Looks at a network.</summary>
    public static RowChoices Of(Graph graph) => Known.GetValue(graph, g => new(g));

    /// <summary>Whether numbers choose what a value holds, so that of two networks its elements do not belong together.</summary>
    public bool IsChosen(string value) => ChosenOf(value) != Chosen.Nothing;

    /// <summary>Elements of a row of an output: of what the network always returns together. Null where numbers do not choose how many rows there
    /// are.</summary>
    public long? RowLength(string output) => ChosenOf(output) is not Chosen.Count || _graph.Find(output)?.Shape is { IsStatic: true } ? null
        : _graph.Find(output)?.Shape is { } shape ? shape.Dimensions.Where(d => d.IsKnown).Aggregate(1L, (all, d) => all * Math.Max(1, d.Length)) : 1;

    /// <summary>The nodes that compute what the network is judged by; the others only choose, or work on what was chosen.</summary>
    public IReadOnlySet<Node> JudgedPart()
    {
        var needed = Judged.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var part = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in _graph.Nodes.Reverse().Where(n => n.Outputs.Any(needed.Contains)))
        {
            part.Add(node);
            needed.UnionWith(node.Reads());
        }
        return part;
    }

    private void Follow(Node node)
    {
        var reads = node.Reads().ToArray();
        // A shape is told before any number is computed, and is the same in both networks unless a choice made it.
        var tellsShape = node.Is("Shape") || node.Is("Size");
        var (isFed, isRounded) = (!tellsShape && reads.Any(_fed.Contains), !tellsShape && reads.Any(_rounded.Contains));
        var inherited = reads.Select(ChosenOf).DefaultIfEmpty().Max();
        foreach (var output in node.Outputs.Where(o => o.Length > 0))
        {
            if (isFed) _fed.Add(output);
            if (isRounded || (isFed && MayBeRounded(node, output))) _rounded.Add(output);
            var chosen = tellsShape ? inherited is Chosen.Count ? Chosen.Count : Chosen.Nothing
                : isRounded && ChoosesCount(node) ? Chosen.Count : Passed(node, inherited);
            if (isRounded && chosen is Chosen.Nothing && OperatorCatalogue.Find(node) is { Ranks: true } && !IsFloat(output)) chosen = Chosen.Places;
            if (chosen is not Chosen.Nothing) _chosen[output] = chosen;
        }
    }

    /// <summary>What a node passes on of what was chosen before it.</summary>
    private Chosen Passed(Node node, Chosen inherited)
    {
        // Into a tensor that is there as a whole, some elements are written: it has all of its places again.
        if (node.OpType.StartsWith("Scatter", StringComparison.Ordinal) && ChosenOf(node.Input(0)) is not Chosen.Count && inherited is Chosen.Count)
            return Chosen.Places;
        // A network that goes on computing, as one of experts or of code books does, makes features again of what it looked up.
        return inherited is Chosen.Places && OperatorRoles.Of(node) is OperatorRole.Linear ? Chosen.Nothing : inherited;
    }

    /// <summary>Whether a node makes as many elements as numbers say that may be rounded.</summary>
    private bool ChoosesCount(Node node)
    {
        var entry = OperatorCatalogue.Find(node);
        if (entry is { ChoosesRows: true }) return true;
        var isSized = entry is { IsSizedByNumbers: true } or { Role: OperatorRole.PassThrough } && !node.Is("Gather");
        var isMade = node.Is("Range") || node.Is("ConstantOfShape");
        return (isSized || isMade) && node.Inputs.Skip(isMade ? 0 : 1).Any(i => _rounded.Contains(i) && (isMade || !IsFloat(i)));
    }

    /// <summary>Whether the int8 network may have other numbers here.</summary>
    private bool MayBeRounded(Node node, string output) =>
        OperatorCatalogue.Find(node) is { IsOfIntegers: true } || (OperatorRoles.Of(node) is not OperatorRole.Float && IsFloat(output));

    /// <summary>The floats from which a chosen value comes and that are not chosen themselves, in the network's order; without those whose numbers
    /// are told already, if in another order.</summary>
    private IEnumerable<Value> ReadBefore(string output, HashSet<string> told)
    {
        HashSet<string> found = new(StringComparer.Ordinal), seen = new(StringComparer.Ordinal);
        var open = new Stack<string>([output]);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value) || _graph.ProducerOf(value) is not { } node) continue;
            if (!IsChosen(value) && IsMagnitude(node, value)) found.Add(value);
            else foreach (var read in node.Reads().Where(r => _rounded.Contains(r) || IsChosen(r))) open.Push(read);
        }
        foreach (var value in _graph.Nodes.SelectMany(n => n.Outputs).Where(found.Contains))
        {
            var parts = PartsOf(value);
            if (parts.IsSubsetOf(told)) continue;
            told.UnionWith(parts);
            yield return _graph.Find(value)!;
        }
    }

    /// <summary>Whether a value is a number of the network's own, and not yes or no, a place, or one of those as a float.</summary>
    private bool IsMagnitude(Node node, string value) =>
        IsFloat(value) && node.OpType is not ("Ceil" or "Floor" or "Round") && !(node.Is("Cast") && !IsFloat(node.Input(0)));

    /// <summary>The values that one is joined of, before they were put into another order.</summary>
    private HashSet<string> PartsOf(string value)
    {
        HashSet<string> parts = new(StringComparer.Ordinal), seen = new(StringComparer.Ordinal);
        var open = new Stack<string>([value]);
        while (open.TryPop(out var part))
        {
            if (!seen.Add(part)) continue;
            var node = _graph.ProducerOf(part);
            if (node is not null && (node.Is("Concat") || node.Is("Identity") || OperatorCatalogue.Find(node) is { Reorders: true }))
                foreach (var joined in node.Is("Concat") ? node.Inputs.ToArray() : [node.Input(0)]) open.Push(joined);
            else parts.Add(part);
        }
        return parts;
    }

    private Chosen ChosenOf(string value) => _chosen.GetValueOrDefault(value);

    private bool IsFloat(string value) => _graph.Find(value) is { } known && FloatCasts.IsFloat(known.Type);
}
