using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Numerics;
using Caliper.Preparation;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Analysis;

/// <summary>
/// Looks whether new data leave the ranges of an int8 network: it was calibrated on other data then, and clips what its float network would not.
/// No accuracy on the data that calibrated tells. The float network runs on the new data, and its values are held against the ranges.
/// </summary>
/// <remarks>
/// A range may clip on purpose, and a greatest value is always exceeded some day. So what counts is what values beyond the range cost, against
/// all that the range cost on the data that calibrated: a bit of eight, or 6 dB. It must cost so much in both halves of the new data (a hash
/// of a sample's name decides), with several samples beyond the range, so that no single odd one raises an alarm; of fewer than 16 samples nothing
/// is said.
/// </remarks>
public static class DomainCheck
{
    // A bit of eight: four times the noise, of which one part was there.
    private const double Excess = 3;

    // Where nobody knows what was clipped on purpose, as a percentile does, so large a share was not.
    private const double NeverMeant = 0.03;

    // As many extreme values as statistics keep, each of another sample.
    private const int Samples = 4;

    // Of fewer samples, halves differ by chance.
    private const int Fewest = 16;

    /// <summary>Runs the float network on new data, and holds its values against the ranges of the int8 network.</summary>
    /// <param name="reference">The float network, fused.</param>
    /// <param name="candidate">The int8 network that was made of it, in QDQ or QOperator form.</param>
    /// <param name="data">The new data, in batches; labels are not needed.</param>
    /// <param name="calibration">What the data that calibrated looked like; null where it is not known, and then only what is far out is
    /// told.</param>
    /// <param name="batches">How many batches to run, from the first; null for all.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CaliperException">The networks or the statistics do not belong together, or the data does not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static DomainReport Check(FusedModel reference, QuantizedModel candidate, IEnumerable<Batch> data,
        CalibrationStatistics? calibration = null, int? batches = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(data);
        var factors = EqualizationMetadata.Read(candidate.Model.Metadata);
        using var divided = factors.Equals(reference.Equalization) ? null : reference.Equalize(factors);
        var network = divided ?? reference;
        if (calibration is not null && !calibration.Fingerprint.AsSpan().SequenceEqual(network.Fingerprint))
            throw new CaliperException(divided is null ? "The calibration statistics are of another model; calibrate this one."
                : "The int8 network's channels are divided, and the calibration statistics are of the network as it was; "
                    + "calibrate it with the recipe that divides them.");
        var matched = Correspondence.Of(network, candidate.Model.Graph);
        if (matched.Tensors.IsEmpty) return new DomainReport(0, null, []);
        // Whatever is looked at stays in memory until a pass is over.
        using var calibrator = new Calibrator(network, null, matched.Tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal).Contains);
        calibrator.Observe(data, batches, progress, cancellationToken);
        var seen = calibrator.Statistics;
        return new DomainReport(seen.Samples.Count, calibration?.Samples.Count,
            [.. Int8Site.AllOf(matched).Select(site => Judge(site, seen, calibration)).OfType<SiteDomain>()]);
    }

    /// <summary>Of the tensors that share a range, the one that leaves it most; null where nothing was seen of any.</summary>
    private static SiteDomain? Judge(Int8Site site, CalibrationStatistics seen, CalibrationStatistics? calibration) =>
        site.Tensors.Select(t => Judge(t, seen.Tensors.GetValueOrDefault(t.Value), calibration?.Tensors.GetValueOrDefault(t.Value)))
            .OfType<SiteDomain>().OrderByDescending(s => s.IsOutside).ThenByDescending(s => s.Share).FirstOrDefault();

    private static SiteDomain? Judge(Int8Tensor tensor, ObservedTensor? now, ObservedTensor? then)
    {
        if (now is null || now.All.Count == 0 || tensor.Parameters.Axis is not null) return null;
        var (whole, before) = (Predict(now.All, tensor.Parameters), then is null ? default : Predict(then.All, tensor.Parameters));
        var site = new SiteDomain(tensor.Layer, tensor.Value, tensor.Parameters)
        {
            IsInput = tensor.IsInput,
            Min = now.All.Min,
            Max = now.All.Max,
            Share = whole.ClippedShare,
            CalibrationShare = then is null ? null : before.ClippedShare,
            Decibels = whole.SqnrDecibels,
            CalibrationDecibels = then is null ? null : before.SqnrDecibels,
            IsOutside = false,
        };
        return site with { IsOutside = IsOutside(site, now, then) };
    }

    private static bool IsOutside(SiteDomain site, ObservedTensor now, ObservedTensor? then)
    {
        QuantizationError[] halves = [Predict(now.FirstHalf, site.Parameters), Predict(now.SecondHalf, site.Parameters)];
        var clipping = halves.Min(h => h.ClippingNoise);
        if (now.All.Samples < Fewest || then?.All.Samples < Fewest || SamplesBeyond(site, now.All) < Samples) return false;
        if (then is null) return clipping > Excess * halves.Max(h => h.RoundingNoise) && halves.Min(h => h.ClippedShare) > NeverMeant;
        return clipping > Excess * Math.Max(Predict(then.FirstHalf, site.Parameters).Noise, Predict(then.SecondHalf, site.Parameters).Noise);
    }

    private static QuantizationError Predict(TensorStatistics statistics, QuantizationParameters parameters) =>
        QuantizationError.Predict(statistics, parameters);

    /// <summary>How many samples have a value beyond the range, as far as statistics tell.</summary>
    private static long SamplesBeyond(SiteDomain site, TensorStatistics statistics) =>
        statistics.Greatest.Where(e => e.Value > site.RangeMax + site.Parameters.Scale / 2).Select(e => e.Sample)
            .Union(statistics.Least.Where(e => e.Value < site.RangeMin - site.Parameters.Scale / 2).Select(e => e.Sample)).Count();
}
