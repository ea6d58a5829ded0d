using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Onnx;

/// <summary>A branch of a conditional node, in a branch of another or in the graph itself.</summary>
/// <param name="Parent">Where the If lies; null for the graph itself.</param>
/// <param name="If">The conditional node.</param>
/// <param name="IsThen">Which of its branches.</param>
internal sealed record BranchRegion(BranchRegion? Parent, Node? If, bool IsThen)
{
    /// <summary>The graph itself.</summary>
    public static BranchRegion Root { get; } = new(null, null, false);

    /// <summary>How many Ifs are around it.</summary>
    public int Depth { get; } = Parent is null ? 0 : Parent.Depth + 1;

    /// <summary>What the branch is called.</summary>
    public string Word => IsThen ? "then" : "else";

    /// <summary>Whether another region is this one or lies in it.</summary>
    public bool Contains(BranchRegion other)
    {
        while (other.Depth > Depth) other = other.Parent!;
        return Equals(other);
    }

    /// <summary>The innermost region that contains both.</summary>
    public BranchRegion Common(BranchRegion other)
    {
        var one = this;
        while (!one.Contains(other)) one = one.Parent!;
        return one;
    }

    /// <inheritdoc/>
    public bool Equals(BranchRegion? other) => other is not null && ReferenceEquals(If, other.If) && IsThen == other.IsThen;

    /// <inheritdoc/>
    public override int GetHashCode() => If is null ? 0 : HashCode.Combine(If.Name, IsThen);
}

/// <summary>Where each node of a graph with conditional nodes is computed: in the innermost branch that holds all who read it.</summary>
internal sealed class BranchRegions
{
    private readonly Graph _graph;
    private readonly string[] _prefixes;
    private readonly Dictionary<Node, BranchRegion> _regions = new(ReferenceEqualityComparer.Instance);

    public BranchRegions(Graph graph)
    {
        _graph = graph;
        _prefixes = [.. Conditional.BranchesOf(graph).Select(b => b.Prefix)];
        // Who reads a node comes after it.
        foreach (var node in graph.Nodes.Reverse()) _regions[node] = RegionOf(node);
    }

    /// <summary>Where a node is computed.</summary>
    public BranchRegion Of(Node node) => _regions[node];

    /// <summary>Where a constant lies: beside those who read it, for ONNX Runtime does not look for a product's weights around its body.</summary>
    public BranchRegion OfConstant(string name) => _graph.IsOutput(name) ? BranchRegion.Root
        : _graph.ConsumersOf(name).SelectMany(reader => PlacesOf(reader, name)).Aggregate((BranchRegion?)null, (all, one) => all?.Common(one) ?? one)
        ?? BranchRegion.Root;

    private BranchRegion RegionOf(Node node)
    {
        BranchRegion? region = null;
        foreach (var output in node.Outputs.Where(o => o.Length > 0))
        {
            if (_graph.IsOutput(output) && !IsOfBranch(output)) return BranchRegion.Root;
            foreach (var reader in _graph.ConsumersOf(output))
                foreach (var place in PlacesOf(reader, output)) region = region?.Common(place) ?? place;
        }
        return region ?? BranchRegion.Root;
    }

    private IEnumerable<BranchRegion> PlacesOf(Node reader, string value)
    {
        var region = _regions[reader];
        if (!Conditional.Is(reader)) return [region];
        var conditional = new Conditional(reader);
        IEnumerable<BranchRegion> outside = conditional.Condition == value ? [region] : [];
        return outside.Concat(new[] { true, false }.Where(isThen => conditional.Arm(isThen).Contains(value))
            .Select(isThen => new BranchRegion(region, reader, isThen)));
    }

    /// <summary>Whether a value was in a branch: if it is an output all the same, somebody wants to look at it.</summary>
    private bool IsOfBranch(string value) => Array.Exists(_prefixes, p => value.StartsWith(p, StringComparison.Ordinal));
}
