namespace Caliper.Tool.Outputs;

/// <summary>The error that nothing of a network would become int8: a file that is what went in is no result.</summary>
internal static class FloatResult
{
    /// <summary>The prepared network; an error where its plan leaves everything float, with the reason that most layers have.</summary>
    public static PreparedModel Checked(PreparedModel prepared)
    {
        if (prepared.Plan.Layers.Any(l => l.IsInteger || l.HasInt8Table || l.HasInt8Weights)) return prepared;
        var reasons = prepared.Plan.Diagnostics.Where(d => d.Code is not ("result" or "unread" or "float-input")).GroupBy(d => (d.Code, d.Message));
        throw Because(reasons.MaxBy(group => group.Count())?.First());
    }

    /// <summary>The converted network; an error where it computes in float alone.</summary>
    public static QuantizedModel Checked(QuantizedModel converted) =>
        converted.Model.IsQuantized() ? converted : throw Because(converted.Diagnostics.FirstOrDefault());

    private static CaliperException Because(Diagnostic? reason) => new("Nothing of the network would become int8, and nothing was written."
        + (reason is null ? "" : $" '{reason.Place}': {reason.Message} {reason.Advice}"));
}
