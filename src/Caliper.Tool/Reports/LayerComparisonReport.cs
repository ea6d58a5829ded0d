using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Caliper.Analysis;
using Caliper.Tool.Options;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>caliper compare</c>. What was not measured, and decibels that are not finite, are null and left out.</summary>
internal sealed record LayerComparisonReport
{
    /// <summary>The float model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The int8 model's file.</summary>
    public required string Int8 { get; init; }

    /// <summary>The page that was written.</summary>
    public string? Report { get; init; }

    /// <summary>What both ran on.</summary>
    public required DataReport Evaluation { get; init; }

    /// <summary>Accuracy of the float model, where the data has labels.</summary>
    public AccuracyReport? FloatAccuracy { get; init; }

    /// <summary>Accuracy of the int8 model, where the data has labels.</summary>
    public AccuracyReport? Int8Accuracy { get; init; }

    /// <summary>Whether the difference of accuracy can be told from chance, where the data has labels.</summary>
    public AccuracyChangeReport? AccuracyChange { get; init; }

    /// <summary>Share of samples for which both choose the same class, in percent.</summary>
    public double? Agreement { get; init; }

    /// <summary>The shares that what was counted fits, in percent, with 95 % confidence: Wilson's score interval.</summary>
    public IntervalReport? AgreementInterval { get; init; }

    /// <summary>On how many samples tensors were measured alone.</summary>
    public int SensitivitySamples { get; init; }

    /// <summary>Rows by output, of those whose rows numbers choose; null where none is.</summary>
    public SortedDictionary<string, Pair<long>>? Rows { get; init; }

    /// <summary>Signal to noise of each output of the int8 model; in place of one whose rows numbers choose, of what the choice reads.</summary>
    public required SortedDictionary<string, double> SqnrDecibels { get; init; }

    /// <summary>The same of the tensors that an output is joined of; null where none is.</summary>
    public SortedDictionary<string, SortedDictionary<string, double>>? PartSqnrDecibels { get; init; }

    /// <summary>What costs most, the worst first.</summary>
    public required FindingReport[] Findings { get; init; }

    /// <summary>The activations that are int8, in execution order.</summary>
    public required TensorErrorReport[] Tensors { get; init; }

    /// <summary>The weights that are int8, in execution order.</summary>
    public required WeightErrorReport[] Weights { get; init; }

    /// <summary>Room that int32 sums have, in execution order.</summary>
    public required HeadroomReport[] Headrooms { get; init; }

    /// <summary>Seconds that each stage took.</summary>
    public IReadOnlyDictionary<string, double>? Stages { get; init; }

    /// <summary>The most memory the process had at once.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>Problems that did not stop the work.</summary>
    public DiagnosticReport[] Diagnostics { get; init; } = [];

    public static LayerComparisonReport Of(CompareOptions options, QuantizationReport report) => new()
    {
        Model = options.Float.Path,
        Int8 = options.Int8,
        Evaluation = new DataReport(options.Data.Path, report.Samples, report.Evaluation?.Reference.Batches),
        FloatAccuracy = report.Evaluation is { } measured ? AccuracyReport.Of(measured.Reference) : null,
        Int8Accuracy = report.Evaluation is { } judged ? AccuracyReport.Of(judged.Candidate) : null,
        AccuracyChange = AccuracyChangeReport.Of(report.Evaluation),
        Agreement = report.Evaluation?.Agreement,
        AgreementInterval = IntervalReport.Of(report.Evaluation?.AgreementInterval),
        SensitivitySamples = report.SensitivitySamples,
        Rows = ComparisonReport.RowsOf(report.Evaluation),
        SqnrDecibels = new(report.Outputs.Where(o => double.IsFinite(o.Decibels)).ToDictionary(o => o.Output, o => o.Decibels),
        StringComparer.Ordinal),
        PartSqnrDecibels = ComparisonReport.FinitePartSqnr(report.Outputs),
        Findings = [.. report.Findings.Select(f =>
            new FindingReport(f.Layer, f.Kind.ToString(), 100 * f.NoiseShare, f.Message, FixText.Of(f.Fix), new FixReport(f.Fix.Kind.ToString(),
                [.. f.Fix.Layers], f.Fix.QConfig, Finite(f.DecibelsMended - f.DecibelsNow), Finite(f.TimeRatio)),
                Finite(f.DecibelsNow), Finite(f.DecibelsMended), Finite(f.LossNow), Finite(f.LossMended)))],
        Tensors = [.. report.Tensors.Select(t => new TensorErrorReport(t.Layer, t.Value, t.Parameters.Scale, t.Parameters.ZeroPoint, t.Min, t.Max,
            Finite(t.RoundingDecibels), Finite(t.LocalDecibels), Finite(t.AccumulatedDecibels), t.Cosine, t.MaxError,
            100 * t.ClippedShare, 100 * t.LevelsUsed, Finite(t.OutputDecibels), Finite(t.LossChange)) { Levels = t.Levels })],
        Weights = [.. report.Weights.Select(w => new WeightErrorReport(w.Layer, w.ChannelDecibels.Length, Finite(w.Decibels),
            Finite(w.ChannelDecibels.Min()),
            w.ChannelDecibels.IndexOf(w.ChannelDecibels.Min()), Finite(w.OutputDecibels), Finite(w.LossChange)))],
        Headrooms = [.. report.Headrooms.Select(h =>
            new HeadroomReport(h.Layer, h.SpareBits, h.GreatestSum, h.GreatestBias, h.PairChannels, h.DeadChannels, h.Channels, h.ScaleRatio))],
    };

    private static double? Finite(double? decibels) => decibels is { } value && double.IsFinite(value) ? value : null;
}

/// <summary>One place where int8 costs.</summary>
/// <param name="NoisePercent">Its share of the noise at the first output, each source measured alone.</param>
/// <param name="Advice">What to do, in a sentence: options of <c>caliper quantize</c> where there are such.</param>
/// <param name="Fix">The same, to be read by a program.</param>
/// <param name="LossNow">By how much the mean loss exceeds the float model's.</param>
/// <param name="LossMended">The same with this mended.</param>
internal sealed record FindingReport(string Layer, string Kind, double NoisePercent, string Message, string Advice, FixReport Fix,
    double? DecibelsNow, double? DecibelsMended, double? LossNow, double? LossMended);

/// <summary>The change that mends a finding.</summary>
/// <param name="Qconfig">The preset that the layers get.</param>
/// <param name="GainDecibels">By how much signal to noise at the first output grows, as it was measured.</param>
/// <param name="TimeRatio">How many times as long a run takes, on one thread; absent where nothing stays float for it.</param>
internal sealed record FixReport(string Kind, string[] Layers, string? Qconfig, double? GainDecibels, double? TimeRatio);

/// <summary>What int8 does to one activation.</summary>
/// <param name="Scale">Real size of one integer step.</param>
/// <param name="ZeroPoint">The integer that stands for real zero.</param>
/// <param name="ClippedPercent">Share of the float values beyond the range.</param>
/// <param name="LevelsUsedPercent">Share of the levels that float values reach.</param>
/// <param name="LossChange">By how much the mean loss rises if this tensor alone is int8.</param>
internal sealed record TensorErrorReport(string Layer, string Value, float Scale, int ZeroPoint, float Min, float Max, double? RoundingDecibels,
    double? LocalDecibels, double? AccumulatedDecibels, double Cosine, float MaxError, double ClippedPercent, double LevelsUsedPercent,
    double? OutputDecibels,
    double? LossChange)
{
    /// <summary>How many float values fall to each level: for the picture in the text alone.</summary>
    [JsonIgnore]
    public ImmutableArray<long> Levels { get; init; } = [];
}

/// <summary>What int8 does to one layer's weights.</summary>
/// <param name="Channels">Output channels.</param>
/// <param name="WorstChannelDecibels">Signal to noise of the output channel where it is least.</param>
/// <param name="WorstChannel">That channel's number, from 0.</param>
/// <param name="LossChange">By how much the mean loss rises if these weights alone are int8.</param>
internal sealed record WeightErrorReport(string Layer, int Channels, double? Decibels, double? WorstChannelDecibels, int WorstChannel,
    double? OutputDecibels,
    double? LossChange);

/// <summary>What a layer's integer sums can reach.</summary>
internal sealed record HeadroomReport(string Layer, double SpareBits, long GreatestSum, long GreatestBias, int PairChannels, int DeadChannels,
    int Channels, double ScaleRatio);
