using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>
/// An If whose branches lie among the other nodes of the graph, so that whoever rewrites the graph reaches them: a node of Caliper's own that
/// reads the condition, then the results of one branch, then those of the other. No file holds one: written, it is an If again, and computes
/// what only one branch needs only where that is taken.
/// </summary>
/// <param name="Node">The node.</param>
internal readonly record struct Conditional(Node Node)
{
    private const string Domain = "caliper", OpType = "If";

    /// <summary>Whether a node is one.</summary>
    public static bool Is(Node node) => node.Domain == Domain && node.OpType == OpType;

    /// <summary>Makes one.</summary>
    /// <param name="name">The If's name.</param>
    /// <param name="condition">The value that decides.</param>
    /// <param name="then">The results where it is true.</param>
    /// <param name="otherwise">The results where it is false.</param>
    /// <param name="outputs">What they are called outside.</param>
    public static Node Make(string name, string condition, IEnumerable<string> then, IEnumerable<string> otherwise, ImmutableArray<string> outputs) =>
        new Node(name, OpType, [condition, .. then, .. otherwise], outputs) { Domain = Domain }
            .With("then", PrefixOf(name, true)).With("else", PrefixOf(name, false));

    /// <summary>What the names of values begin with that were in a branch.</summary>
    public static string PrefixOf(string name, bool isThen) => $"{name}/{(isThen ? "then" : "else")}/";

    /// <summary>What the names of values of a branch begin with.</summary>
    public string Prefix(bool isThen) => Node.Text(isThen ? "then" : "else", "");

    /// <summary>The value that decides.</summary>
    public string Condition => Node.Inputs[0];

    /// <summary>The results of a branch.</summary>
    public IEnumerable<string> Arm(bool isThen) => Node.Inputs.Skip(isThen ? 1 : 1 + Node.Outputs.Length).Take(Node.Outputs.Length);

    /// <summary>The branches of a graph's conditional nodes, by what the names of their values begin with.</summary>
    public static IReadOnlyList<(Node If, bool IsThen, string Prefix)> BranchesOf(Graph graph) => [.. graph.Nodes.Where(Is)
        .SelectMany(n => new[] { true, false }.Select(isThen => (n, isThen, new Conditional(n).Prefix(isThen))))];
}
