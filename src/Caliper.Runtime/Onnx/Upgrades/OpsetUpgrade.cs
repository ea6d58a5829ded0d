using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Rewrites a model in a newer version of the ONNX operators, so that it computes the same. Needed because quantized
/// operators of older models lack what newer ones have, such as a scale per channel (13) or 16 bits (21).
/// </summary>
internal static class OpsetUpgrade
{
    /// <summary>The version that every older model is raised to before anything is done with it.</summary>
    public const long Usual = 13;

    /// <summary>The newest version that models can be raised to.</summary>
    public const long Newest = 21;

    // The format version that came with an operator set; an operator set in an older file is not valid.
    private static readonly long[] IrOfOpset = [0, 0, 0, 0, 0, 0, 0, 3, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10];

    /// <summary>The model in version <paramref name="opset"/> of the ONNX operators; itself where it is as new already.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The version is newer than <see cref="Newest"/>.</exception>
    /// <exception cref="CaliperException">An operator has no equal in the newer version; the message names the node.</exception>
    public static Model To(Model model, long opset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(opset, Newest);
        if (!model.Opsets.TryGetValue("", out var from) || from >= opset) return model;
        return model with
        {
            Graph = GraphUpgrade.Raise(model.Graph, from, opset),
            Opsets = model.Opsets.SetItem("", opset),
            IrVersion = Math.Max(model.IrVersion, IrOfOpset[opset]),
        };
    }
}
