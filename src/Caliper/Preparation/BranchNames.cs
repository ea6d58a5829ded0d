using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>Tells in which branch of an If a value lies. The values of a branch are computed together: where an observer in it saw none,
/// no sample took it.</summary>
internal static class BranchNames
{
    /// <summary>Whether a value lies in a branch.</summary>
    public static Func<string, bool> AreOf(Graph graph)
    {
        var branches = Conditional.BranchesOf(graph);
        return value => branches.Any(b => value.StartsWith(b.Prefix, StringComparison.Ordinal));
    }

    /// <summary>For a value and those that nobody observed, the outermost branch around it that no sample took, as people say it:
    /// "else branch of 'If_3'"; null where there is none.</summary>
    public static Func<string, IReadOnlySet<string>, string?> Unreached(Graph graph)
    {
        var branches = Conditional.BranchesOf(graph).OrderBy(b => b.Prefix.Length).ToArray();
        return (value, unobserved) => Array.FindIndex(branches, b => value.StartsWith(b.Prefix, StringComparison.Ordinal)
            && unobserved.Any(u => IsDirectlyIn(b.Prefix, u))) is >= 0 and var i
            ? $"{(branches[i].IsThen ? "then" : "else")} branch of '{branches[i].If.Name}'" : null;

        bool IsDirectlyIn(string prefix, string value) => value.StartsWith(prefix, StringComparison.Ordinal)
            && !branches.Any(b => b.Prefix.Length > prefix.Length && b.Prefix.StartsWith(prefix, StringComparison.Ordinal)
                && value.StartsWith(b.Prefix, StringComparison.Ordinal));
    }
}
