using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Onnx.Upgrades;

namespace Caliper.Execution;

/// <summary>Files may be newer than the runtime inside: what is the same in the versions that it knows is shown to it as of those.</summary>
internal static class OnnxRuntimeVersion
{
    // ONNX Runtime 1.31.
    private const long NewestOpset = 26, NewestIr = 13;

    /// <summary>Operators that came or changed after <see cref="NewestOpset"/>.</summary>
    private static readonly FrozenSet<string> Newer =
        new[] { "CausalConvWithState", "LinearAttention", "Range", "SwiGLU", "Celu", "FlexAttention" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The model as ONNX Runtime can read it.</summary>
    /// <exception cref="CaliperException">It uses an operator that only newer versions have; the message names it.</exception>
    public static Model Fit(Model model)
    {
        var fitted = model with
        {
            Graph = WeightWidening.Apply(model.Graph, (node, type) => IsUnknown(type) || IsUnknown(model.Graph.Constant(node.Inputs[1])!.Type)),
            IrVersion = Math.Min(model.IrVersion, NewestIr),
        };
        if (!model.Opsets.TryGetValue("", out var opset) || opset <= NewestOpset) return fitted;
        if (model.Graph.Nodes.FirstOrDefault(n => n.Domain.Length == 0 && Newer.Contains(n.OpType)) is { } node)
        {
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) is of version {opset} of the ONNX operators, and "
                + $"ONNX Runtime computes those of {NewestOpset}; export the model with that opset.");
        }
        return fitted with { Opsets = model.Opsets.SetItem("", NewestOpset) };
    }

    private static bool IsUnknown(ElementType type) =>
        type is ElementType.Float8E8M0 or ElementType.UInt2 or ElementType.Int2 or ElementType.Float4E2M1;
}
