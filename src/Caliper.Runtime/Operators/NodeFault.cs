using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>The error that a node contradicts its operator or its inputs.</summary>
internal static class NodeFault
{
    /// <summary>Such as: The node 'a' (Conv) has 1 inputs, but its operator takes 2 to 3.</summary>
    public static CaliperException Of(Node node, string fault) => new($"The node '{node.Name}' ({node.OpType}) {fault}.");
}
