using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>Tells in which branch of an If a value lies, as people say it.</summary>
internal static class BranchNames
{
    /// <summary>For a value of a branch, "else branch of 'If_3'", the innermost; null for all others.</summary>
    public static Func<string, string?> Of(Graph graph)
    {
        var branches = Conditional.BranchesOf(graph).OrderByDescending(b => b.Prefix.Length).ToArray();
        return value => Array.FindIndex(branches, b => value.StartsWith(b.Prefix, StringComparison.Ordinal)) is >= 0 and var i
            ? $"{(branches[i].IsThen ? "then" : "else")} branch of '{branches[i].If.Name}'" : null;
    }
}
