using Caliper.Calibration;
using Caliper.Data;
using Caliper.DataFree;
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
        if (options.DataFree is { } images) return new FromBatchNorms(InputData.ValuesOf(images), options.Convert.AllowUnobserved);
        if (options.Calibration is not { } path)
            return new FromData(options.Data!.Path, InputData.Open(options.Data, options.Data.Path, model, options.Batches));
        return new FromStatistics(path, CalibrationStatistics.Load(path), options.Trace is { } trace ? CalibrationTrace.Load(trace) : null);
    }

    /// <summary>Lets the observers see.</summary>
    /// <param name="model">The observers' model.</param>
    /// <param name="isRecorded">Whether somebody will ask for statistics.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public abstract SeenData Calibrate(
        PreparedModel model, bool isRecorded, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken);

    private sealed record FromData(string Path, ILoader Loader) : CalibrationSource
    {
        public override ILoader Data => Loader;

        public override SeenData Calibrate(
            PreparedModel model, bool isRecorded, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            // Nothing but inference happens here: the observers inside the prepared model watch it.
            var record = isRecorded ? new RecordedCalibration(model) : null;
            var result = record is null ? Evaluator.Evaluate(model, null, Loader, null, progress, cancellationToken)
                : record.Evaluate(Loader, progress, cancellationToken);
            return new(new DataReport(Path, result.Samples, result.Batches), record?.Statistics, record?.Trace);
        }
    }

    private sealed record FromBatchNorms(InputValues Inputs, bool AllowUnknown) : CalibrationSource
    {
        public override SeenData Calibrate(
            PreparedModel model, bool isRecorded, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            var expected = DataFreeCalibration.Of(model, Inputs, AllowUnknown);
            model.Load(expected);
            return new(null, expected, null);
        }
    }

    private sealed record FromStatistics(string Path, CalibrationStatistics Statistics, CalibrationTrace? Trace) : CalibrationSource
    {
        public override SeenData Calibrate(
            PreparedModel model, bool isRecorded, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            model.Load(Statistics, Trace);
            return new(new DataReport(Path, Statistics.Samples.Count, null), Statistics, Trace);
        }
    }
}

/// <summary>What observers have seen.</summary>
/// <param name="Data">Where it came from, and how much there was; null for nothing.</param>
/// <param name="Statistics">What there is to know of it; null where nobody recorded it.</param>
/// <param name="Trace">Its ranges batch by batch, where somebody kept them.</param>
internal sealed record SeenData(DataReport? Data, CalibrationStatistics? Statistics, CalibrationTrace? Trace);
