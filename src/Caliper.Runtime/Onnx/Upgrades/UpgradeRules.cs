using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// What changed in the ONNX operators from version 7 to 21 such that a node must be rewritten. Everything else that
/// changed in these versions only admits more: other element types, negative axes (11), new attributes whose defaults are
/// the old behaviour (<c>dilations</c> and <c>ceil_mode</c> of pools (10), <c>sorted</c> of TopK (11), <c>mode</c> of
/// DepthToSpace (11), <c>batch_dims</c> of GatherND and <c>select_last_index</c> of ArgMax (12), <c>axis</c> of
/// QuantizeLinear (13), <c>allowzero</c> of Reshape (14), <c>reduction</c> of the scatters (16), <c>antialias</c> of Resize (18),
/// <c>saturate</c> of Cast (19)), inputs that became optional (Gemm, 11), broadcasting where shapes had to agree (8).
/// </summary>
internal static class UpgradeRules
{
    private static readonly FrozenDictionary<(string OpType, long Version), UpgradeRule> Table =
        new Dictionary<(string, long), UpgradeRule>
        {
            [("BatchNormalization", 9)] = NormalizationUpgrades.BatchNormalization,
            [("Scan", 9)] = (n, _) => throw GraphUpgrade.Cannot(n, "version 9 has no batch axis any more"),
            [("Upsample", 9)] = ResizeUpgrades.ScalesToInput,
            [("Dropout", 10)] = NormalizationUpgrades.DropoutMask,
            [("Slice", 10)] = AttributeUpgrades.Slice,
            [("Upsample", 10)] = (n, _) => [n with { OpType = "Resize" }],
            [("Clip", 11)] = AttributeUpgrades.Clip,
            [("Pad", 11)] = AttributeUpgrades.Pad,
            [("Resize", 11)] = ResizeUpgrades.SayWhatWasImplied,
            [("Scatter", 11)] = (n, _) => [n with { OpType = "ScatterElements" }],
            [("Dropout", 12)] = NormalizationUpgrades.DropoutRatio,
            [("Hardmax", 13)] = SoftmaxUpgrades.OneAxis,
            [("LogSoftmax", 13)] = SoftmaxUpgrades.OneAxis,
            [("Softmax", 13)] = SoftmaxUpgrades.OneAxis,
            [("RoiAlign", 16)] = AttributeUpgrades.RoiAlign,
            [("Split", 18)] = AttributeUpgrades.Split,
            [("DFT", 20)] = AttributeUpgrades.Dft,
            [("GridSample", 20)] = AttributeUpgrades.GridSample,
            [("GroupNormalization", 21)] = (n, _) => throw GraphUpgrade.Cannot(n, "version 21 has a scale for each channel, not for each group"),
        }.ToFrozenDictionary();

    // Experimental operators that never became part of the standard; version 10 dropped them.
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "ATen", "Affine", "ConstantFill", "ConstantLike", "Crop", "DynamicSlice", "GRUUnit", "GivenTensorFill", "ImageScaler",
        "ParametricSoftplus", "Scale", "ScaledTanh",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The rule that takes a node to a version from the one before, or null where the node stays as it is.</summary>
    public static UpgradeRule? Find(Node node, long version)
    {
        if (node.Domain.Length > 0) return null;
        if (version == 10 && Dropped.Contains(node.OpType)) throw GraphUpgrade.Cannot(node, "version 10 has no such operator");
        return Find(node.OpType, version);
    }

    /// <summary>The rule of an operator of ONNX itself; where it has none of its own, the catalogue tells which of its attributes became an
    /// input.</summary>
    public static UpgradeRule? Find(string opType, long version)
    {
        if (Table.TryGetValue((opType, version), out var rule)) return rule;
        foreach (var (attribute, _, since) in OperatorForms.Find("", opType)?.Moved ?? [])
            if (since == version) return (node, graph) => [AttributeUpgrades.ToInput(node, graph, attribute)];
        return null;
    }
}
