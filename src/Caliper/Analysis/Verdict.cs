using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Analysis;

/// <summary>
/// Names the sources of noise that cost most, says what kind of error each has, and measures what mending it would give. What is
/// at fault comes before what is only costly: a fault can be mended for nothing, rounding only by keeping layers float.
/// </summary>
internal sealed class Verdict(FusedModel reference, Correspondence matched, ImmutableArray<TensorError> tensors, ImmutableArray<WeightError> weights,
    Sensitivity sensitivity)
{
    private const int MostFindings = 3;

    // A source below this share of the noise is one among many: no single change would be noticed.
    private const double WorthTelling = 0.02;

    // A fault of at least this share goes before everything that is none.
    private const double WorthMendingFirst = 0.05;

    private readonly SwitchedNetwork _network = sensitivity.Network;
    private readonly Dictionary<int, RangeFit> _fits = [];

    /// <summary>The findings, the most urgent first; only what mending was measured to help.</summary>
    public ImmutableArray<Finding> Findings(CancellationToken ct)
    {
        var total = sensitivity.SumOfParts;
        if (total == 0) return [];
        var sites = sensitivity.SiteNoise.Select((noise, i) => new Source(noise / total, FitOf(i).Kind, share => OfSite(i, share, ct)));
        var kernels = sensitivity.WeightNoise.Select((noise, i) => new Source(noise / total, KindOf(weights[i]), share => OfWeight(i, share, ct)));
        return [.. sites.Concat(kernels).Where(s => s.Share >= WorthTelling).OrderByDescending(s => s.IsFault && s.Share >= WorthMendingFirst)
            .ThenByDescending(s => s.Share).Select(s => s.Tell(s.Share)).Where(f => f.DecibelsMended > f.DecibelsNow).Take(MostFindings)];
    }

    private sealed record Source(double Share, ErrorKind Kind, Func<double, Finding> Tell)
    {
        public bool IsFault => Kind is not (ErrorKind.Rounding or ErrorKind.Weights);
    }

    private double Now => Decibels.Of(_network.Signal, sensitivity.TotalNoise);

    private RangeFit FitOf(int site)
    {
        if (!_fits.TryGetValue(site, out var fit))
            _fits[site] = fit = RangeFit.Of(_network.Sites[site], [.. _network.Sites[site].Tensors.Select(t => tensors.First(e => e.Value == t.Value))]);
        return fit;
    }

    private static ErrorKind KindOf(WeightError error) => error.HasOutlierChannel ? ErrorKind.OutlierChannel : ErrorKind.Weights;

    private Finding OfSite(int index, double share, CancellationToken ct)
    {
        var (site, fit) = (_network.Sites[index], FitOf(index));
        if (fit.Kind is ErrorKind.Rounding) return OfRounding(index, share, ct);
        var ranges = $"the data reaches from {Number(fit.Min)} to {Number(fit.Max)}, its int8 range from {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}";
        var (message, fix) = fit.Kind switch
        {
            ErrorKind.Input => ($"The network is fed other values than at calibration: {ranges}.",
                "Preprocess as at calibration (mean, std, scale, channels), or calibrate with data preprocessed like this"),
            ErrorKind.Clipping => ($"{Percent(fit.ClippedShare)} of its values are clipped: {ranges}.", QConfigOf(site.Layer, "and calibrate with data like this")),
            _ => ($"Its steps are {Number(fit.StepRatio)} times as wide as needed: {ranges}.", QConfigOf(site.Layer, "and calibrate with data like this")),
        };
        return Measured(site.Layer, fit.Kind, share, message, fix, _network.AllOn with { Sites = _network.AllOn.Sites.SetItem(index, fit.Fitting) }, ct);
    }

    /// <summary>A range that fits can only be mended by not rounding: those who read the tensor stay float.</summary>
    private Finding OfRounding(int index, double share, CancellationToken ct)
    {
        var site = _network.Sites[index];
        var values = site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
        string[] readers = [.. reference.Layers.Where(l => l.Nodes.SelectMany(n => n.Reads()).Any(values.Contains) && !l.Outputs.Any(values.Contains))
            .Select(l => l.Name).Distinct()];
        var read = matched.Weights.Index().Where(w => readers.Contains(w.Item.Layer)).Select(w => w.Index);
        return Measured(site.Layer, ErrorKind.Rounding, share,
            $"Its range, {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}, fits, but 256 levels are few for what follows.",
            readers.Length == 0 ? "Keep it float" : Exclude(readers), new Switches(_network.AllOn.Sites.Remove(index), _network.AllOn.Weights.Except(read)), ct);
    }

    private Finding OfWeight(int index, double share, CancellationToken ct)
    {
        var (layer, error) = (matched.Weights[index].Layer, weights[index]);
        var mended = _network.AllOn with { Weights = _network.AllOn.Weights.Remove(index) };
        return error.HasOutlierChannel
            ? Measured(layer, ErrorKind.OutlierChannel, share,
                $"Channel {error.WidestChannel} of its weights reaches {Number(error.ChannelMagnitudes[error.WidestChannel])}, the usual channel "
                    + $"{Number(error.UsualMagnitude)}, and all share one scale.", QConfigOf(layer, "which gives each channel a scale of its own"), mended, ct)
            : Measured(layer, ErrorKind.Weights, share, $"Its weights are {Number(error.Decibels)} dB above their rounding.", Exclude(layer), mended, ct);
    }

    private Finding Measured(string layer, ErrorKind kind, double share, string message, string fix, Switches mended, CancellationToken ct) =>
        new(layer, kind, share, message, fix) { DecibelsNow = Now, DecibelsMended = Decibels.Of(_network.Signal, _network.Noise(mended, ct)) };

    private static string Exclude(params string[] layers) => string.Join(' ', layers.Select(l => $"--exclude '{l}'"));

    private static string QConfigOf(string layer, string why) => $"In the file for --qconfig: \"name\": {{ \"{layer}\": \"caliper\" }}, {why}";

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
