using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>Holds nodes against the form that the catalogue gives their operators, before anything else reads them: whoever comes later
/// finds the inputs, outputs and kinds of attributes that the operator has.</summary>
internal static class OperatorForms
{
    private static readonly FrozenDictionary<string, OperatorForm> WithMoved = OperatorCatalogue.All
        .Where(row => row is { Domain: "", Form.Moved.Length: > 0 }).ToFrozenDictionary(row => row.OpType, row => row.Form!, StringComparer.Ordinal);

    /// <summary>The form of an operator, or null where nothing knows it.</summary>
    public static OperatorForm? Find(string domain, string opType) => OperatorCatalogue.Find(domain, opType)?.Form;

    /// <summary>Refuses a node that does not have its operator's form; nodes of operators that nothing knows pass.</summary>
    /// <exception cref="CaliperException">Inputs, outputs or attributes are wrong; the message names the node.</exception>
    public static void Check(Node node)
    {
        if (Find(node.Domain, node.OpType) is not { } form) return;
        form.Check(node);
        foreach (var (name, value) in node.Attributes)
            if (AttributeKinds.Expected(node.OpType, name) is { } kind && kind != value.GetType())
                throw NodeFault.Of(node, $"has an attribute '{name}' of the kind {value.GetType().Name}, not {kind.Name}");
    }

    /// <summary>Refuses nodes that another version of the operators would have.</summary>
    /// <exception cref="CaliperException">What became an input is an attribute still, or missing; the message names the node.</exception>
    public static void CheckVersion(Model model)
    {
        if (!model.Opsets.TryGetValue("", out var version)) return;
        foreach (var node in model.Graph.Nodes)
            if (node.Domain.Length == 0 && WithMoved.TryGetValue(node.OpType, out var form)) form.Check(node, version);
    }
}
