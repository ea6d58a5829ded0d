using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Analysis.Matching;

/// <summary>Values that movements lie between: an int8 network moves integers under names that tell nothing, so that the ones on the way from one
/// value to another are known from the float network alone.</summary>
internal static class MovedValues
{
    /// <summary>Some values, and all that lie on a way of movements and joins from one of them to another.</summary>
    public static HashSet<string> Around(FusedModel reference, IEnumerable<string> values)
    {
        var around = values.ToHashSet(StringComparer.Ordinal);
        var moves = reference.Layers.Where(l => l.Role is OperatorRole.PassThrough or OperatorRole.Join).ToArray();
        var after = new HashSet<string>(around, StringComparer.Ordinal);
        foreach (var move in moves)
            if (OperatorRoles.DataInputs(move.Operation).Any(after.Contains)) after.UnionWith(move.Outputs);
        var before = new HashSet<string>(around, StringComparer.Ordinal);
        foreach (var move in moves.Reverse())
            if (move.Outputs.Any(before.Contains)) before.UnionWith(OperatorRoles.DataInputs(move.Operation));
        after.IntersectWith(before);
        around.UnionWith(after);
        return around;
    }
}
