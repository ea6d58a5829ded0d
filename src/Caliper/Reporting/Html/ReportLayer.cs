using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>One layer of the report: the tensor that it makes, its weights, or both.</summary>
/// <param name="Index">Its place in execution order, from 0.</param>
/// <param name="Name">Its name, or that of an input of the network.</param>
/// <param name="Tensor">What int8 does to it; null for a layer of int8 weights whose output stays float, and where nothing was compared.</param>
/// <param name="Weights">Null for a layer without int8 weights.</param>
internal sealed record ReportLayer(int Index, string Name, TensorError? Tensor, WeightError? Weights)
{
    /// <summary>Room of its integer sums, where they were looked at.</summary>
    public Headroom? Headroom { get; init; }

    /// <summary>What calibration saw of its tensor, where that is known.</summary>
    public CalibratedTensor? Calibrated { get; init; }

    /// <summary>What the map shows of its tensor: the error as deployed, or that which is predicted.</summary>
    public double? Decibels => Tensor?.AccumulatedDecibels ?? Calibrated?.Error.SqnrDecibels;

    /// <summary>Where the page shows it. A number, because a name may hold any character and may occur twice.</summary>
    public string Anchor => FormattableString.Invariant($"layer-{Index}");

    /// <summary>The end of its name, for narrow places.</summary>
    public string ShortName
    {
        get
        {
            var trimmed = Name.TrimEnd('.', '/');
            var parts = trimmed.Split('.', '/');
            return parts.Length > 2 ? trimmed[^(parts[^1].Length + parts[^2].Length + 1)..] : trimmed;
        }
    }

    /// <summary>All layers of a report: those with an int8 tensor in execution order, then those that have int8 weights only.</summary>
    public static ReportLayer[] Of(QuantizationReport report, HtmlCalibration? calibration)
    {
        var weights = report.Weights.GroupBy(w => w.Layer).ToDictionary(g => g.Key, g => g.First());
        var headrooms = report.Headrooms.GroupBy(h => h.Layer).ToDictionary(g => g.Key, g => g.First());
        var tensors = report.Tensors.Select(t => (t.Layer, Tensor: (TensorError?)t, Weights: weights.GetValueOrDefault(t.Layer))).ToArray();
        var named = tensors.Select(t => t.Layer).ToHashSet();
        var others = report.Weights.Where(w => !named.Contains(w.Layer)).Select(w => (w.Layer, Tensor: (TensorError?)null, Weights: (WeightError?)w));
        var calibrated = calibration?.Of(report.Tensors);
        return
        [
            .. tensors.Concat(others).Select((l, index) => new ReportLayer(index, l.Layer, l.Tensor, l.Weights)
            {
                Headroom = headrooms.GetValueOrDefault(l.Layer),
                Calibrated = l.Tensor is { } tensor ? calibrated?.GetValueOrDefault(tensor.Value) : null,
            }),
        ];
    }

    /// <summary>All that a calibration saw, where nothing was compared yet.</summary>
    public static ReportLayer[] Of(HtmlCalibration calibration) =>
        [.. calibration.Sites().Select((site, index) => new ReportLayer(index, site.Name, null, null) { Calibrated = site })];
}
