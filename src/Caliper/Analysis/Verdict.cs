using System.Collections.Immutable;
using System.Globalization;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Operators;

namespace Caliper.Analysis;

/// <summary>
/// Names the sources of noise that cost most, says what kind of error each has, and measures what mending it would give. What is
/// at fault comes before what is only costly: a fault can be mended for nothing, rounding only by keeping layers float.
/// </summary>
internal sealed class Verdict
{
    private const int MostFindings = 3;

    // Of sources that are worth telling, how many are measured: some turn out not to help.
    private const int MostMeasured = 6;

    // A source below this share of the noise is one among many: no single change would be noticed.
    private const double WorthTelling = 0.02;

    // A fault of at least this share goes before everything that is none.
    private const double WorthMendingFirst = 0.05;

    private readonly FusedModel _reference;
    private readonly Correspondence _matched;
    private readonly QuantizationReport _report;
    private readonly Sensitivity _sensitivity;
    private readonly Exclusion _exclusion;

    public Verdict(FusedModel reference, Correspondence matched, QuantizationReport report, Sensitivity sensitivity, Exclusion exclusion) =>
        (_reference, _matched, _report, _sensitivity, _exclusion) = (reference, matched, report, sensitivity, exclusion);

    private SwitchedNetwork Network => _sensitivity.Network;

    /// <summary>The findings, the most urgent first; only what mending was measured to help.</summary>
    /// <param name="samples">What mending is measured on, evenly spaced over the data.</param>
    /// <param name="isEnough">Whether there is no time for further samples.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public ImmutableArray<Finding> Findings(IReadOnlyList<KeptSample> samples, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        var total = _sensitivity.SumOfParts;
        if (total == 0) return [];
        var sites = _sensitivity.Sites
            .Select((effect, i) => (effect.Noise, Tell: (Func<double, Source>)(share => OfSite(i, share, cancellationToken))));
        var kernels = _sensitivity.Weights.Select((effect, i) => (effect.Noise, Tell: (Func<double, Source>)(share => OfWeight(i, share))));
        Source[] sources = [.. sites.Concat(kernels).Where(s => s.Noise / total >= WorthTelling).Select(s => s.Tell(s.Noise / total))
            .OrderByDescending(s => s.IsFault && s.Share >= WorthMendingFirst).ThenByDescending(s => s.Share)
            .DistinctBy(s => s.Fix).Take(MostMeasured)];
        var promises = Promise.Measure(Network, [.. sources.Select(s => s.Mended)], samples, _report.Samples, isEnough, cancellationToken);
        return [.. sources.Zip(promises, FindingOf).OfType<Finding>().Take(MostFindings)];
    }

    /// <summary>A place that costs, and what would mend it.</summary>
    private sealed record Source(string Layer, ErrorKind Kind, double Share, string Message, Fix Fix, Switches Mended)
    {
        /// <summary>Whether mending it costs nothing: no layer has to stay float.</summary>
        public bool IsFault => Kind is not (ErrorKind.Rounding or ErrorKind.Weights or ErrorKind.SharedRange);
    }

    private Finding? FindingOf(Source source, Promise promise) => !promise.Holds(source.IsFault) ? null
        : new Finding(source.Layer, source.Kind, source.Share, source.Message, source.Fix)
        {
            DecibelsNow = _report.Outputs[0].Decibels,
            DecibelsMended = _report.Outputs[0].Decibels + promise.Gain,
            LossNow = promise.LossNow,
            LossMended = promise.LossMended,
        };

    private Source OfSite(int index, double share, CancellationToken cancellationToken)
    {
        var site = Network.Sites[index];
        var fit = RangeFit.Of(site, [.. site.Places.Select(p => _report.Tensors[p])]);
        if (fit.Kind is ErrorKind.Rounding) return OfSharedRange(index, share, cancellationToken) ?? OfRounding(site, share);
        var ranges = $"the data reaches from {Number(fit.Min)} to {Number(fit.Max)}, "
            + $"its int8 range from {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}";
        var (message, fix) = fit.Kind switch
        {
            ErrorKind.Input => ($"The network is fed other values than at calibration: {ranges}.",
                new Fix(FixKind.Preprocess, [])),
            ErrorKind.Clipping => ($"{Percent(fit.ClippedShare)} of its values are clipped: {ranges}.",
                new Fix(FixKind.Recalibrate, [site.Layer])),
            _ => ($"Its steps are {Number(fit.StepRatio)} times as wide as needed: {ranges}.",
                new Fix(FixKind.Recalibrate, [site.Layer])),
        };
        return new Source(site.Layer, fit.Kind, share, message, fix, Network.AllOn.With(site.Places, fit.Fitting));
    }

    /// <summary>
    /// Tensors that are joined share a range, and the narrow ones get few of its levels. At fault is that where ranges of their own would
    /// leave a quarter of the noise or less. Null where it is not.
    /// </summary>
    private Source? OfSharedRange(int index, double share, CancellationToken cancellationToken)
    {
        var site = Network.Sites[index];
        var values = MovedValues.Around(_reference, site.Tensors.Select(t => t.Value));
        bool IsOwn(int place) =>
            _reference.Layers.FirstOrDefault(l => l.Outputs.Contains(_report.Tensors[place].Value)) is not { } maker || !Reads(maker, values);
        var own = site.Places.Where(IsOwn).ToArray();
        if (own.Length < 2) return null;
        Switches OwnRanges(Switches switches) =>
            own.Aggregate(switches.Without(site.Places), (all, p) =>
                all.With([p], RangeFit.Of(site with { Tensors = [_matched.Tensors[p]], Places = [p] }, [_report.Tensors[p]]).Fitting));

        if (RangeFit.AtFault * Network.Measure([OwnRanges(Switches.Off)], cancellationToken)[0].Noise > _sensitivity.Sites[index].Noise) return null;
        var joins = _reference.Layers.Where(l => Reads(l, values) && l.Outputs.Any(values.Contains)).ToArray();
        // Without one, somebody gave the same scale to tensors that have nothing to do with each other.
        if (joins.FirstOrDefault(l => l.Role is OperatorRole.Join) is not { } join) return null;
        var narrow = own.Select(p => _report.Tensors[p]).MinBy(WidthOf)!;
        var used = WidthOf(narrow) / site.Parameters.Scale;
        var readers = ReadersOf(values);
        return Excluding(join.Name, ErrorKind.SharedRange, share,
            $"'{narrow.Layer}' is joined to wider values and shares their range: of its 256 levels it reaches {Number(Math.Ceiling(used))}.",
            [.. joins.Select(l => l.Name), .. readers]);
    }

    private static double WidthOf(TensorError tensor) => (double)MathF.Max(tensor.Max, 0) - MathF.Min(tensor.Min, 0);

    /// <summary>A range that fits can only be mended by not rounding: those who read the tensor stay float.</summary>
    private Source OfRounding(Int8Site site, double share)
    {
        var readers = ReadersOf(site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal));
        return Excluding(site.Layer, ErrorKind.Rounding, share,
            $"Its range, {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}, fits, but 256 levels are few for what follows.",
            readers.Length == 0 ? [site.Layer] : readers);
    }

    private Source OfWeight(int index, double share)
    {
        var (layer, error) = (_matched.Weights[index].Layer, _report.Weights[index]);
        return error.HasOutlierChannel
            ? new Source(layer, ErrorKind.OutlierChannel, share,
                $"Channel {error.WidestChannel} of its weights reaches {Number(error.ChannelMagnitudes[error.WidestChannel])}, the usual channel "
                    + $"{Number(error.UsualMagnitude)}, and all share one scale.",
                new Fix(FixKind.PerChannelWeights, [layer]),
                Network.AllOn with { Weights = Network.AllOn.Weights.Remove(index) })
            : Excluding(layer, ErrorKind.Weights, share, $"Its weights are {Number(error.Decibels)} dB above their rounding.", [layer]);
    }

    private Source Excluding(string layer, ErrorKind kind, double share, string message, string[] layers) =>
        new(layer, kind, share, message, new Fix(FixKind.KeepFloat, [.. layers]), _exclusion.Apply(Network.AllOn, layers));

    /// <summary>The layers that read some values and make none of them.</summary>
    private string[] ReadersOf(HashSet<string> values) =>
        [.. _reference.Layers.Where(l => Reads(l, values) && !l.Outputs.Any(values.Contains)).Select(l => l.Name).Distinct()];

    private static bool Reads(Fusion.Layer layer, HashSet<string> values) => layer.Nodes.SelectMany(n => n.Reads()).Any(values.Contains);

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
