using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Measuring;

/// <summary>What calibrates a prepared model: data that flows through it, or the statistics of data that flowed before.</summary>
internal abstract record CalibrationSource
{
    /// <summary>The data that calibrates, or null.</summary>
    public virtual ILoader? Data => null;

    /// <summary>Opens what the command line names.</summary>
    /// <exception cref="CaliperException">It cannot be used; the message says why.</exception>
    public static CalibrationSource Open(QuantizeOptions options, IModel model)
    {
        if (options.Calibration is not { } path)
            return new FromData(options.Data!.Path, InputData.Open(options.Data, options.Data.Path, model, options.Batches), options.Batches);
        return new FromStatistics(path, CalibrationStatistics.Load(path), options.Trace is { } trace ? CalibrationTrace.Load(trace) : null);
    }

    /// <summary>Lets the observers see.</summary>
    public abstract DataReport Calibrate(PreparedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken);

    /// <summary>What a page about the calibration shows: statistics and trace, for which data has to flow once more.</summary>
    public abstract (CalibrationStatistics Statistics, CalibrationTrace? Trace) Observe(
        FusedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken);

    /// <summary>Statistics of a network on some data, and its ranges batch by batch.</summary>
    public static (CalibrationStatistics Statistics, CalibrationTrace Trace) Watch(
        FusedModel model, ILoader data, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        using var calibrator = new Calibrator(model);
        var trace = new CalibrationTrace();
        calibrator.Observe(data, null, progress, cancellationToken, ranges =>
        {
            trace.Add(calibrator.Statistics.Samples.Count, ranges);
            return false;
        });
        return (calibrator.Statistics, trace);
    }

    private sealed record FromData(string Path, ILoader Loader, int Batches) : CalibrationSource
    {
        public override ILoader Data => Loader;

        public override DataReport Calibrate(PreparedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            // Nothing but inference happens here: the observers inside the prepared model watch it.
            var result = Evaluator.Evaluate(model, null, Loader, Batches, progress, cancellationToken);
            return new DataReport(Path, result.Samples, result.Batches);
        }

        public override (CalibrationStatistics, CalibrationTrace?) Observe(
            FusedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken) =>
            Watch(model, Loader, progress, cancellationToken);
    }

    private sealed record FromStatistics(string Path, CalibrationStatistics Statistics, CalibrationTrace? Trace) : CalibrationSource
    {
        public override DataReport Calibrate(PreparedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            model.Load(Statistics, Trace);
            return new DataReport(Path, Statistics.Samples.Count, null);
        }

        public override (CalibrationStatistics, CalibrationTrace?) Observe(
            FusedModel model, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken) => (Statistics, Trace);
    }
}
