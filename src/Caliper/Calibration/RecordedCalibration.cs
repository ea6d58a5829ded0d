using System.Collections.Concurrent;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>A prepared model whose calibration is written down while it happens: of the same forward passes that its observers see, the
/// statistics of what they look at and the path batch by batch. Nothing runs twice, and no scale depends on whether somebody writes.</summary>
internal sealed class RecordedCalibration
{
    private readonly PreparedModel _prepared;
    private readonly StatisticsRecorder _recorder;

    public RecordedCalibration(PreparedModel prepared)
    {
        _prepared = prepared;
        // Values beyond these would have to be outputs of the graph, which a backend may then compute in another order.
        var seen = prepared.Plan.Sites.SelectMany(s => s.Observed).Concat(prepared.Inputs.Select(i => i.Name)).ToHashSet(StringComparer.Ordinal);
        Statistics = StatisticsRecorder.Begin(prepared.Fused, seen.Contains);
        _recorder = new(Statistics);
    }

    /// <summary>What the observers saw, and what was fed.</summary>
    public CalibrationStatistics Statistics { get; }

    /// <summary>Its ranges batch by batch.</summary>
    public CalibrationTrace Trace { get; } = new();

    /// <summary>Calibrates as <see cref="Evaluator"/> does, and writes it down.</summary>
    /// <inheritdoc cref="Evaluator.Evaluate"/>
    public EvaluationResult Evaluate(
        IEnumerable<Batch> loader, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluator.EvaluateBy(_prepared, batch => Run(batch, cancellationToken), null, loader, null, progress, cancellationToken);

    private IReadOnlyDictionary<string, Tensor> Run(Batch batch, CancellationToken cancellationToken)
    {
        var ranges = new ConcurrentDictionary<string, RealRange>(StringComparer.Ordinal);
        var outputs = _prepared.Run(batch.Inputs, batch.Count, pass => _recorder.Look(pass,
            batch.SampleNames.AsSpan().Slice(pass.Start, pass.Samples), ranges, _prepared.Fused.Execution.Threads), cancellationToken);
        _recorder.Enter(StatisticsRecorder.EntriesOf(batch.Inputs, batch.SampleNames));
        Trace.Add(Statistics.Samples.Count, ranges);
        return outputs;
    }
}
