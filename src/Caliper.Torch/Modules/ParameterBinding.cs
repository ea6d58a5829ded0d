using System.Text;
using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>Gives every parameter of a network its tensor, as <c>load_state_dict(strict=True)</c> does.</summary>
internal static class ParameterBinding
{
    /// <summary>Counts training batches; batch norm does not need it, and old checkpoints do not have it.</summary>
    private const string Counter = "num_batches_tracked";

    /// <summary>The tensors by path, in float32.</summary>
    /// <exception cref="CaliperException">Keys are missing or unexpected, or tensors do not fit; all are listed.</exception>
    public static IReadOnlyDictionary<string, Tensor> Bind(ModuleTree tree, StateDict weights, string network)
    {
        var complaints = new StringBuilder();
        Complain(complaints, "missing", tree.Parameters.Keys.Where(k => !weights.ContainsKey(k)));
        Complain(complaints, "unexpected", weights.Keys.Where(k => !tree.Parameters.ContainsKey(k) && !IsCounter(k)));
        var found = tree.Parameters.Where(p => weights.ContainsKey(p.Key))
            .Select(p => (p.Key, Expected: p.Value.Shape, Tensor: weights[p.Key])).ToArray();
        Complain(complaints, "of another shape", found.Where(p => p.Tensor.Shape != p.Expected)
            .Select(p => $"{p.Key} (expected {p.Expected}, not {p.Tensor.Shape})"));
        Complain(complaints, "not of a float type", found.Where(p => !FloatConversion.IsFloat(p.Tensor.Type))
            .Select(p => $"{p.Key} ({p.Tensor.Type})"));
        if (complaints.Length > 0)
            throw new CaliperException($"The weights in {weights.Origin} do not fit the network {network}.{complaints}");
        return tree.Parameters.Keys.ToDictionary(k => k, k => FloatConversion.ToFloat32(weights[k]), StringComparer.Ordinal);
    }

    private static bool IsCounter(string key) => key == Counter || key.EndsWith("." + Counter, StringComparison.Ordinal);

    private static void Complain(StringBuilder complaints, string what, IEnumerable<string> keys)
    {
        var all = keys.ToArray();
        if (all.Length > 0) complaints.Append($" Keys that are {what}: {string.Join(", ", all)}.");
    }
}
