using Caliper.Graphs;

namespace Caliper.Onnx;

/// <summary>The versions of the format and of the standard's operators that Caliper understands.</summary>
internal static class OpsetRange
{
    /// <summary>Oldest version of the file format: the first that says which operator sets it uses.</summary>
    public const long OldestIr = 3;

    /// <summary>Newest version of the file format.</summary>
    public const long NewestIr = 14;

    /// <summary>Oldest operator set: the first with today's broadcasting.</summary>
    public const long OldestOpset = 7;

    /// <summary>Newest operator set.</summary>
    public const long NewestOpset = 28;

    /// <summary>Refuses a model outside of the range.</summary>
    /// <exception cref="CaliperException">The format or the operator set is too old or too new, or is not said.</exception>
    internal static void Check(Model model)
    {
        var usesStandard = model.Graph.Nodes.Any(n => n.Domain.Length == 0);
        if (usesStandard && !model.Opsets.ContainsKey(""))
            throw new CaliperException("The model does not say which version of the ONNX operators it uses; export it again.");
        if (model.Opsets.TryGetValue("", out var opset) && opset is < OldestOpset or > NewestOpset)
        {
            throw new CaliperException($"The model uses version {opset} of the ONNX operators, Caliper reads {OldestOpset} to "
                + $"{NewestOpset}; export it with an opset in that range.");
        }
    }

    /// <summary>Refuses a version of the file format.</summary>
    internal static void CheckIr(long version)
    {
        if (version is < OldestIr or > NewestIr)
        {
            throw new CaliperException(version == 0
                ? "The file does not say its ONNX format version (ir_version); it is no ONNX model, or a damaged one."
                : $"The file has ONNX format version (ir_version) {version}, Caliper reads {OldestIr} to {NewestIr}; "
                    + "export the model again with a version in that range.");
        }
    }
}
