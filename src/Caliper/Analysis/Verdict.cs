using System.Collections.Immutable;
using System.Globalization;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Operators;
using Caliper.Preparation;

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

    /// <summary>The findings, the most urgent first; only what mending was measured to help.</summary>
    public ImmutableArray<Finding> Findings(CancellationToken cancellationToken)
    {
        var total = sensitivity.SumOfParts;
        if (total == 0) return [];
        var sites = sensitivity.Sites
            .Select((effect, i) => (effect.Noise, Tell: (Func<double, Source>)(share => OfSite(i, share, cancellationToken))));
        var kernels = sensitivity.Weights.Select((effect, i) => (effect.Noise, Tell: (Func<double, Source>)(share => OfWeight(i, share))));
        var sources = sites.Concat(kernels).Where(s => s.Noise / total >= WorthTelling).Select(s => s.Tell(s.Noise / total)).ToArray();
        return [.. sources.OrderByDescending(s => s.IsFault && s.Share >= WorthMendingFirst).ThenByDescending(s => s.Share)
            .Select(s => Measured(s, cancellationToken)).Where(f => f.DecibelsMended > f.DecibelsNow).Take(MostFindings)];
    }

    /// <summary>A place that costs, and what would mend it.</summary>
    private sealed record Source(string Layer, ErrorKind Kind, double Share, string Message, string Fix, Switches Mended)
    {
        /// <summary>Whether mending it costs nothing: no layer has to stay float.</summary>
        public bool IsFault => Kind is not (ErrorKind.Rounding or ErrorKind.Weights or ErrorKind.SharedRange);
    }

    private Finding Measured(Source source, CancellationToken cancellationToken)
    {
        var mended = _network.Measure([source.Mended], cancellationToken)[0];
        return new Finding(source.Layer, source.Kind, source.Share, source.Message, source.Fix)
        {
            DecibelsNow = Decibels.Of(_network.Signal, sensitivity.All.Noise),
            DecibelsMended = Decibels.Of(_network.Signal, mended.Noise),
            LossNow = sensitivity.All.Loss,
            LossMended = mended.Loss,
        };
    }

    private Source OfSite(int index, double share, CancellationToken cancellationToken)
    {
        var site = _network.Sites[index];
        var fit = RangeFit.Of(site, [.. site.Places.Select(p => tensors[p])]);
        if (fit.Kind is ErrorKind.Rounding) return OfSharedRange(index, share, cancellationToken) ?? OfRounding(site, share);
        var ranges = $"the data reaches from {Number(fit.Min)} to {Number(fit.Max)}, "
            + $"its int8 range from {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}";
        var (message, fix) = fit.Kind switch
        {
            ErrorKind.Input => ($"The network is fed other values than at calibration: {ranges}.",
                "Preprocess as at calibration (mean, std, scale, channels), or calibrate with data preprocessed like this"),
            ErrorKind.Clipping => ($"{Percent(fit.ClippedShare)} of its values are clipped: {ranges}.",
                QConfigOf(site.Layer, "and calibrate with data like this")),
            _ => ($"Its steps are {Number(fit.StepRatio)} times as wide as needed: {ranges}.",
                QConfigOf(site.Layer, "and calibrate with data like this")),
        };
        return new Source(site.Layer, fit.Kind, share, message, fix, _network.AllOn.With(site.Places, fit.Fitting));
    }

    /// <summary>
    /// Tensors that are joined share a range, and the narrow ones get few of its levels. At fault is that where ranges of their own would
    /// leave a quarter of the noise or less. Null where it is not.
    /// </summary>
    private Source? OfSharedRange(int index, double share, CancellationToken cancellationToken)
    {
        var site = _network.Sites[index];
        var values = MovedValues.Around(reference, site.Tensors.Select(t => t.Value));
        bool IsOwn(int place) =>
            reference.Layers.FirstOrDefault(l => l.Outputs.Contains(tensors[place].Value)) is not { } maker || !Reads(maker, values);
        var own = site.Places.Where(IsOwn).ToArray();
        if (own.Length < 2) return null;
        Switches OwnRanges(Switches switches) =>
            own.Aggregate(switches.Without(site.Places), (all, p) =>
                all.With([p], RangeFit.Of(site with { Tensors = [matched.Tensors[p]], Places = [p] }, [tensors[p]]).Fitting));

        if (RangeFit.AtFault * _network.Measure([OwnRanges(Switches.Off)], cancellationToken)[0].Noise > sensitivity.Sites[index].Noise) return null;
        var joins = reference.Layers.Where(l => Reads(l, values) && l.Outputs.Any(values.Contains)).ToArray();
        // Without one, somebody gave the same scale to tensors that have nothing to do with each other.
        if (joins.FirstOrDefault(l => OperatorRoles.Of(l.Operation) is OperatorRole.Join) is not { } join) return null;
        var narrow = own.Select(p => tensors[p]).MinBy(WidthOf)!;
        var used = WidthOf(narrow) / site.Parameters.Scale;
        var readers = ReadersOf(values);
        return new Source(join.Name, ErrorKind.SharedRange, share,
            $"'{narrow.Layer}' is joined to wider values and shares their range: of its 256 levels it reaches {Number(Math.Ceiling(used))}.",
            Exclude([.. joins.Select(l => l.Name), .. readers]),
            OwnRanges(_network.AllOn) with { Weights = _network.AllOn.Weights.Except(WeightsOf(readers)) });
    }

    private static double WidthOf(TensorError tensor) => (double)MathF.Max(tensor.Max, 0) - MathF.Min(tensor.Min, 0);

    /// <summary>A range that fits can only be mended by not rounding: those who read the tensor stay float.</summary>
    private Source OfRounding(Int8Site site, double share)
    {
        var readers = ReadersOf(site.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal));
        return new Source(site.Layer, ErrorKind.Rounding, share,
            $"Its range, {Number(site.Parameters.RangeMin)} to {Number(site.Parameters.RangeMax)}, fits, but 256 levels are few for what follows.",
            readers.Length == 0 ? "Keep it float" : Exclude(readers),
            _network.AllOn.Without(site.Places) with { Weights = _network.AllOn.Weights.Except(WeightsOf(readers)) });
    }

    private Source OfWeight(int index, double share)
    {
        var (layer, error) = (matched.Weights[index].Layer, weights[index]);
        var mended = _network.AllOn with { Weights = _network.AllOn.Weights.Remove(index) };
        return error.HasOutlierChannel
            ? new Source(layer, ErrorKind.OutlierChannel, share,
                $"Channel {error.WidestChannel} of its weights reaches {Number(error.ChannelMagnitudes[error.WidestChannel])}, the usual channel "
                    + $"{Number(error.UsualMagnitude)}, and all share one scale.",
                QConfigOf(layer, "which gives each channel a scale of its own"), mended)
            : new Source(layer, ErrorKind.Weights, share,
                $"Its weights are {Number(error.Decibels)} dB above their rounding.", Exclude(layer), mended);
    }

    /// <summary>The layers that read some values and make none of them.</summary>
    private string[] ReadersOf(HashSet<string> values) =>
        [.. reference.Layers.Where(l => Reads(l, values) && !l.Outputs.Any(values.Contains)).Select(l => l.Name).Distinct()];

    private static bool Reads(Fusion.Layer layer, HashSet<string> values) => layer.Nodes.SelectMany(n => n.Reads()).Any(values.Contains);

    private IEnumerable<int> WeightsOf(string[] layers) => matched.Weights.Index().Where(w => layers.Contains(w.Item.Layer)).Select(w => w.Index);

    private static string Exclude(params string[] layers) => string.Join(' ', layers.Select(l => $"--exclude '{l}'"));

    private static string QConfigOf(string layer, string why) => $"In the file for --qconfig: \"name\": {{ \"{layer}\": \"caliper\" }}, {why}";

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
