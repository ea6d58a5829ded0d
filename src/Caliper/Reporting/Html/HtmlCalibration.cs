using System.Collections.Concurrent;
using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Execution;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Preparation;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Reporting.Html;

/// <summary>
/// What an <see cref="HtmlReport"/> tells of a calibration: for each tensor the ranges that other methods would have chosen, with the
/// error predicted for each, and the path of its range over the batches. Tensors that share a scale are looked at together.
/// </summary>
public sealed class HtmlCalibration
{
    private readonly QuantizationPlan _plan;
    private readonly QConfigMapping? _scheme;

    /// <summary>Puts together what belongs to a network.</summary>
    /// <param name="fused">The float network.</param>
    /// <param name="statistics">What was observed of it.</param>
    /// <param name="trace">Its ranges batch by batch; null where they were not kept, and the page then shows no path.</param>
    /// <param name="scheme">What the network is quantized by; null for an int8 network of which only the numbers are known.</param>
    /// <exception cref="CaliperException">The statistics or the trace are of another network.</exception>
    public HtmlCalibration(FusedModel fused, CalibrationStatistics statistics, CalibrationTrace? trace = null, QConfigMapping? scheme = null)
    {
        ArgumentNullException.ThrowIfNull(fused);
        ArgumentNullException.ThrowIfNull(statistics);
        if (!statistics.Fingerprint.AsSpan().SequenceEqual(fused.Fingerprint))
            throw new CaliperException("The calibration statistics are of another model than the float model; calibrate that one.");
        if (trace?.Batches.SelectMany(s => s.Ranges.Keys).FirstOrDefault(name => !statistics.Tensors.ContainsKey(name)) is { } stranger)
            throw new CaliperException($"The trace is of another model: it has a tensor '{stranger}', which the calibration statistics lack.");
        (Statistics, Trace, _scheme, _plan) = (statistics, trace, scheme, Planner.Plan(fused, scheme ?? QConfig.Default));
    }

    /// <summary>What was observed.</summary>
    public CalibrationStatistics Statistics { get; }

    /// <summary>The ranges batch by batch, where they were kept.</summary>
    public CalibrationTrace? Trace { get; }

    /// <summary>Whether there was enough data; null where nobody asked.</summary>
    public ConvergenceVerdict? Convergence { get; init; }

    /// <summary>What seems wrong with the data.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>The method that most tensors' ranges are chosen by, where it is known.</summary>
    internal RangeMethod? Method => _scheme?.Global?.Activation.UsedMethod;

    /// <summary>The sites of the network that were reached, in execution order, with the scales that the scheme gives them.</summary>
    internal ImmutableArray<CalibratedTensor> Sites()
    {
        var found = new CalibratedTensor?[_plan.Sites.Length];
        Threads.Each(found.Length, 0, i =>
        {
            var site = _plan.Sites[i];
            if (Together(site.Observed) is not { Count: > 0 } statistics) return;
            var place = new ActivationObserver(site, site.Spec.Create());
            ObserverLoading.Load(place, Statistics, Trace);
            found[i] = Of(site.Name, site.Observed, statistics, site.Spec, PreparedModel.ParametersOf(site.Name, place.Observer),
                site.Spec.Scheme.IsSymmetric());
        });
        return [.. found.OfType<CalibratedTensor>()];
    }

    /// <summary>What was observed of the tensors of an int8 network, by their values; those that share a scale have the same entry.</summary>
    internal IReadOnlyDictionary<string, CalibratedTensor> Of(ImmutableArray<TensorError> tensors)
    {
        // A zero point in the middle may be chance; all of them there are a choice.
        var isSymmetric = tensors.All(t => t.Parameters is { Axis: null, HasFloatZeroPoints: false, ZeroPoint: var zero, Type: var type }
            && zero == (type.Min + type.Max + 1) / 2);
        var groups = tensors.Where(t => t.Parameters is { Axis: null, HasFloatZeroPoints: false })
            .GroupBy(t => (Site: _plan.SiteOf(t.Value) ?? (object)t.Value, t.Parameters)).ToArray();
        var claimed = tensors.Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
        var found = new ConcurrentDictionary<string, CalibratedTensor>(StringComparer.Ordinal);
        Threads.Each(groups.Length, 0, i =>
        {
            var (site, values, used) = (groups[i].Key.Site as ObservationSite, groups[i].Select(t => t.Value).ToImmutableArray(),
                groups[i].Key.Parameters);
            // What the others are made of tells all about them, even where it is folded away; what has a scale of its own does not belong here.
            var sources = site is null ? values : [.. site.Observed.Where(v => values.Contains(v) || !claimed.Contains(v))];
            if (sources.IsEmpty) sources = values;
            if (Together(sources) is not { Count: > 0 } statistics) return;
            var spec = _scheme is null || site?.Spec.QuantizedType.Storage != used.Type.Storage ? null : site.Spec;
            if (spec is not null) used = QuantizationParameters.PerTensor(spec.QuantizedType, used.Scale, used.ZeroPoint);
            var tensor = Of(groups[i].First().Layer, sources, statistics, spec, used, spec?.Scheme.IsSymmetric() ?? isSymmetric);
            foreach (var value in values) found[value] = tensor;
        });
        return found;
    }

    private CalibratedTensor Of(string name, ImmutableArray<string> sources, TensorStatistics statistics, ObserverSpec? spec,
        QuantizationParameters used, bool isSymmetric) =>
        new(name, statistics, used, isSymmetric, RangeChoice.All(statistics, used, isSymmetric, spec?.UsedMethod),
            BatchRange.Of(Trace, sources));

    // A tensor of an int8 network may be one that no observer could have seen.
    private TensorStatistics Together(IEnumerable<string> values) => Statistics.Of([.. values.Where(Statistics.Tensors.ContainsKey)]);
}
