using System.Collections.Immutable;
using System.Globalization;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>Names the sources of noise that cost most, says what kind of error each has, and measures what mending it would give.</summary>
internal sealed class Verdict(FusedModel reference, Correspondence matched, ImmutableArray<TensorError> tensors, ImmutableArray<WeightError> weights, Sensitivity sensitivity)
{
    private const int MostFindings = 3;

    // A source below this share is one among many: no single change would be noticed.
    private const double WorthTelling = 0.02;

    // A range is at fault where one that just holds all values would lose a quarter of it or less: 6 dB, one bit.
    private const double RangeAtFault = 4;

    // A weight's widest channel leaves the usual one an eighth of the levels: three of eight bits.
    private const float Outlier = 8;

    private readonly SwitchedNetwork _network = sensitivity.Network;

    public ImmutableArray<Finding> Findings(CancellationToken ct)
    {
        var total = sensitivity.SumOfParts;
        if (total == 0) return [];
        var sources = sensitivity.SiteNoise.Select((noise, i) => (Noise: noise, Find: (Func<double, Finding>)(share => OfSite(i, share, ct))))
            .Concat(sensitivity.WeightNoise.Select((noise, i) => (Noise: noise, Find: (Func<double, Finding>)(share => OfWeight(i, share, ct)))));
        return [.. sources.OrderByDescending(s => s.Noise).Take(MostFindings).Where(s => s.Noise / total >= WorthTelling).Select(s => s.Find(s.Noise / total))];
    }

    private Finding OfSite(int index, double share, CancellationToken ct)
    {
        var site = _network.Sites[index];
        var errors = site.Tensors.Select(t => tensors.First(e => e.Value == t.Value)).ToArray();
        var (min, max) = (errors.Min(e => e.Min), errors.Max(e => e.Max));
        var fitting = Fitting(site.Parameters, min, max);
        var isClipped = errors.Max(e => e.ClippingNoise) > 0.5;
        var step = site.Parameters.Scale / fitting.Scale;
        // A wide range shows in its step, a narrow one in what the values beyond it lose.
        var isNarrow = isClipped && errors.Any(e => e.RoundingNoise > RangeAtFault * e.Values * (double)fitting.Scale * fitting.Scale / 12);
        var isWide = !isClipped && step * step >= RangeAtFault;
        if (!isNarrow && !isWide) return OfRounding(index, share, ct);
        var saw = $"the data reaches from {Number(min)} to {Number(max)}, its int8 range from {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}";
        var clipped = Percent(errors.Max(e => e.ClippedShare));
        var mended = _network.AllOn with { Sites = _network.AllOn.Sites.SetItem(index, fitting) };
        if (site.Tensors[0].IsInput)
        {
            return new Finding(site.Layer, ErrorKind.Input, share, $"The network is fed other values than at calibration: {saw}.",
                "Preprocess as at calibration (mean, std, scale, channels), or calibrate with data preprocessed like this.")
            { DecibelsNow = Now, DecibelsMended = DecibelsWith(mended, ct) };
        }
        return new Finding(site.Layer, isNarrow ? ErrorKind.Clipping : ErrorKind.WideRange, share,
            isNarrow ? $"{clipped} of its values are clipped: {saw}." : $"Its steps are {Number(step)} times as wide as needed: {saw}.",
            ByName(site.Layer, "and calibrate with data like this"))
        { DecibelsNow = Now, DecibelsMended = DecibelsWith(mended, ct) };
    }

    private Finding OfWeight(int index, double share, CancellationToken ct)
    {
        var (weight, error) = (matched.Weights[index], weights[index]);
        var mended = _network.AllOn with { Weights = _network.AllOn.Weights.Remove(index) };
        var magnitudes = error.ChannelMagnitudes.Order().ToArray();
        var (widest, usual) = (magnitudes[^1], magnitudes[magnitudes.Length / 2]);
        if (error.Parameters.Axis is null && widest > Outlier * usual)
        {
            var channel = error.ChannelMagnitudes.IndexOf(widest);
            return new Finding(weight.Layer, ErrorKind.OutlierChannel, share,
                $"Channel {channel} of its weights reaches {Number(widest)}, the usual channel {Number(usual)}, and all share one scale.",
                ByName(weight.Layer, "which gives each channel a scale of its own"))
            { DecibelsNow = Now, DecibelsMended = DecibelsWith(mended, ct) };
        }
        return new Finding(weight.Layer, ErrorKind.Weights, share, $"Its weights are {Number(error.Decibels)} dB above their rounding.", Exclude(weight.Layer))
        { DecibelsNow = Now, DecibelsMended = DecibelsWith(mended, ct) };
    }

    /// <summary>A range that fits can only be mended by not rounding: those who read the tensor stay float.</summary>
    private Finding OfRounding(int index, double share, CancellationToken ct)
    {
        var site = _network.Sites[index];
        var values = site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
        var readers = reference.Layers.Where(l => l.Nodes.SelectMany(n => n.Reads()).Any(values.Contains) && !l.Outputs.Any(values.Contains)).Select(l => l.Name).Distinct().ToArray();
        var weights = matched.Weights.Index().Where(w => readers.Contains(w.Item.Layer)).Select(w => w.Index);
        var mended = new Switches(_network.AllOn.Sites.Remove(index), _network.AllOn.Weights.Except(weights));
        return new Finding(site.Layer, ErrorKind.Rounding, share,
            $"Its range, {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}, fits, but 256 levels are few for what follows.",
            readers.Length == 0 ? "Keep it float." : Exclude(readers))
        { DecibelsNow = Now, DecibelsMended = DecibelsWith(mended, ct) };
    }

    private static string Exclude(params string[] layers) => string.Join(' ', layers.Select(l => $"--exclude '{l}'"));

    private static string ByName(string layer, string why) =>
        $"In the file for --qconfig: \"name\": {{ \"{layer}\": \"caliper\" }}, {why}.";

    private double Now => Decibels.Of(_network.Signal, sensitivity.TotalNoise);

    private double DecibelsWith(Switches switches, CancellationToken ct) => Decibels.Of(_network.Signal, _network.Noise(switches, ct));

    /// <summary>Scale and zero point that just hold all values.</summary>
    private static QuantizationParameters Fitting(QuantizationParameters parameters, float min, float max)
    {
        (min, max) = (MathF.Min(min, 0), MathF.Max(max, 0));
        var type = parameters.Type;
        var scale = MathF.Max((max - min) / (type.Max - type.Min), 1e-30f);
        return QuantizationParameters.PerTensor(type, scale, Math.Clamp((int)MathF.Round(type.Min - min / scale), type.Min, type.Max));
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
