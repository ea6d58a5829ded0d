using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Preparation;

namespace Caliper.Analysis;

/// <summary>Runs a float network and the int8 network made from it over the same data, and tells tensor by tensor what differs.</summary>
public static class LayerComparison
{
    /// <summary>Compares the two; of the activations of a sample only sums are kept.</summary>
    /// <param name="reference">The float network, fused as it was for conversion.</param>
    /// <param name="candidate">The int8 network, in QDQ or QOperator form.</param>
    /// <param name="loader">The data, in batches; labels are not needed.</param>
    /// <param name="options">How far to go; null for the defaults.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CaliperException">The networks do not belong together, or the data does not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static QuantizationReport Compare(FusedModel reference, QuantizedModel candidate, IEnumerable<Batch> loader,
        LayerComparisonOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(loader);
        options ??= new LayerComparisonOptions();
        // Of an int8 network whose channels were divided, the float network's are divided, too: its outputs stay, to the bit.
        var factors = EqualizationMetadata.Read(candidate.Model.Metadata);
        if (!factors.Equals(reference.Equalization))
        {
            if (!reference.Equalization.IsEmpty)
                throw new CaliperException("The float network's channels are divided by other factors than those of the int8 network.");
            using var equalized = Equalized(reference, factors);
            return Compare(equalized, candidate, loader, options, progress, cancellationToken);
        }
        var matched = Correspondence.Of(reference, candidate.Model.Graph).WithoutChosen(RowChoices.Of(reference.Model.Graph));
        var (report, kept, further) = Measured(reference, candidate, matched, loader, options, progress, cancellationToken);
        var roundsAny = matched.Tensors.Length + matched.Weights.Length > 0;
        if (kept.Count == 0 || !roundsAny) return report;
        report = Explained(report, reference, matched, kept, further, options, cancellationToken);
        return options.MeasuresTime ? Timed(report, reference, candidate, matched, kept[0], options, cancellationToken) : report;
    }

    private static FusedModel Equalized(FusedModel reference, ChannelFactors factors)
    {
        try
        {
            return reference.Equalize(factors);
        }
        catch (CaliperException error)
        {
            throw new CaliperException($"The int8 network was not made of this float network. {error.Message}", error);
        }
    }

    /// <summary>Runs both over the data, and keeps samples of all of it.</summary>
    private static (QuantizationReport Report, List<KeptSample> Kept, List<KeptSample> Further) Measured(FusedModel reference,
        QuantizedModel candidate, Correspondence matched, IEnumerable<Batch> loader, LayerComparisonOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var compared = ComparedOutputs.Of(reference, candidate);
        using var pair = new ComparedPair(reference, candidate, matched, compared);
        var meters = new ComparisonMeters(compared, reference, options.Criterion, output: null);
        var length = LengthOf(loader, options.Batches);
        var kept = new SpreadSamples(length, options.SensitivitySamples);
        var further = new SpreadSamples(length, options.SensitivitySamples == 0 ? 0 : SpreadSamples.MostOf(reference.Inputs, length is not null));
        new EvaluationPass("compare", loader, options.Batches, progress, cancellationToken) { Inputs = reference.Inputs }.Run(batch =>
        {
            var size = pair.PieceSize(batch);
            var pieces = KeptSample.PiecesOf(batch, size);
            var outputs = pair.Update([.. pieces.Select(p => p.Inputs)], cancellationToken);
            meters.Update(batch, outputs.Float, outputs.Deployed);
            foreach (var piece in pieces)
            {
                kept.Offer(piece, size);
                further.Offer(piece, size);
            }
            return meters.Acc1;
        });
        var (result, tensors) = (meters.Result, matched.Tensors.Select((_, i) => pair.ErrorOf(i)).ToImmutableArray());
        return (new QuantizationReport(result.Reference.Samples, result.Sqnr, tensors,
            [.. matched.Weights.Select(w => WeightRounding.Of(w, reference.Model.Graph, reference.Layers.First(l => l.Name == w.Layer)))], [])
        {
            Evaluation = result,
            Diagnostics = DiagnosticsOf(matched, candidate.Model.Graph.Name),
            Headrooms = HeadroomProof.Of(reference, candidate.Model.Graph, matched, tensors),
        }, kept.Samples, further.Samples);
    }

    private static ImmutableArray<Diagnostic> DiagnosticsOf(Correspondence matched, string int8) => matched.Unmatched.IsEmpty
        ? matched.Tensors.IsEmpty ? [NothingInt8(int8)] : [] :
    [
        new Diagnostic("unknown-tensors", int8,
            $"{matched.Unmatched.Length} int8 {(matched.Unmatched.Length == 1 ? "tensor has a name" : "tensors have names")} "
                + $"that the float model lacks, such as '{matched.Unmatched[0]}'; only the other {matched.Tensors.Length} are compared.",
            "Give the float model that the int8 model was made from; what fusing removes from it cannot be compared."),
    ];

    private static Diagnostic NothingInt8(string int8) => new("no-int8-tensors", int8,
        "None of its activations is int8; only what the models return is compared.",
        "'caliper inspect' of the float model tells why its layers stay float.");

    /// <summary>How many samples there will be, as far as one can know; a last batch may be smaller.</summary>
    private static int? LengthOf(IEnumerable<Batch> loader, int? batches) => loader is not ILoader known ? null
        : batches is { } limit && limit < known.BatchCount ? (int)((long)known.SampleCount * limit / known.BatchCount) : known.SampleCount;

    /// <summary>The report with what each source of noise costs at the output, and the verdict.</summary>
    private static QuantizationReport Explained(QuantizationReport report, FusedModel reference, Correspondence matched, List<KeptSample> kept,
        List<KeptSample> further, LayerComparisonOptions options, CancellationToken cancellationToken)
    {
        using var network = new SwitchedNetwork(reference, matched, kept, options.Criterion);
        var sensitivity = Sensitivity.Measure(network, report.Weights.Length, IsTimeUp(), cancellationToken);
        var verdict = new Verdict(reference, matched, report, sensitivity, new Exclusion(reference, matched, report.Tensors));
        return report with
        {
            Tensors = [.. report.Tensors.Zip(matched.Tensors, sensitivity.Tell)],
            Weights = [.. report.Weights.Select(sensitivity.Tell)],
            Findings = verdict.Findings(further, IsTimeUp(), cancellationToken),
            SensitivitySamples = network.Samples.Length,
        };

        Func<bool> IsTimeUp()
        {
            var start = options.Clock.GetTimestamp();
            return () => options.SensitivityBudget is { } budget && options.Clock.GetElapsedTime(start) >= budget;
        }
    }

    /// <summary>The report with what each fix costs in time.</summary>
    private static QuantizationReport Timed(QuantizationReport report, FusedModel reference, QuantizedModel candidate, Correspondence matched,
        KeptSample sample, LayerComparisonOptions options, CancellationToken cancellationToken)
    {
        if (report.Findings.All(f => f.Fix.Kind is not FixKind.KeepFloat)) return report;
        using var cost = new FixCost(reference, new Exclusion(reference, matched, report.Tensors), sample, candidate, options.Clock);
        return report with
        {
            Findings = [.. report.Findings.Select(f =>
                f.Fix.Kind is FixKind.KeepFloat ? f with { TimeRatio = cost.Of(f.Fix.Layers, cancellationToken) } : f)],
        };
    }
}
