using Caliper.Evaluation;
using Caliper.Preparation;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>quantize</c> and of <c>evaluate --against</c>. What was not measured is null and left out.</summary>
internal sealed record ComparisonReport
{
    /// <summary>The float model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The int8 model's file.</summary>
    public required string Output { get; init; }

    /// <summary>The page that was written.</summary>
    public string? Report { get; init; }

    /// <summary>What calibrated; null for <c>evaluate</c>.</summary>
    public DataReport? Calibration { get; init; }

    /// <summary>What took the place of calibration; null where something calibrated.</summary>
    public DataFreeReport? DataFree { get; init; }

    /// <summary>What both models were evaluated on; null where they were not.</summary>
    public DataReport? Evaluation { get; init; }

    /// <summary>How well the float model does.</summary>
    public AccuracyReport? Float { get; init; }

    /// <summary>How well the int8 model does.</summary>
    public AccuracyReport? Int8 { get; init; }

    /// <summary>Whether the difference of accuracy can be told from chance.</summary>
    public AccuracyChangeReport? AccuracyChange { get; init; }

    /// <summary>Share of samples for which both choose the same class, in percent.</summary>
    public double? Agreement { get; init; }

    /// <summary>The shares that what was counted fits, in percent, with 95 % confidence: Wilson's score interval.</summary>
    public IntervalReport? AgreementInterval { get; init; }

    /// <summary>Rows by output, of those whose rows numbers choose, as NonMaxSuppression does; null where none is.</summary>
    public SortedDictionary<string, Pair<long>>? Rows { get; init; }

    /// <summary>Signal-to-quantization-noise ratio by output, in dB; an output whose ratio is not finite is left out. In place of an output whose
    /// rows numbers choose stands what the choice reads.</summary>
    public required IReadOnlyDictionary<string, double> SqnrDecibels { get; init; }

    /// <summary>The same of the tensors that an output is joined of, by output and tensor; null where none is.</summary>
    public SortedDictionary<string, SortedDictionary<string, double>>? PartSqnrDecibels { get; init; }

    /// <summary>Which sample has the most of the noise, by output; null where none has any.</summary>
    public SortedDictionary<string, NoisiestSampleReport>? NoisiestSamples { get; init; }

    /// <summary>Whether more data would change the ranges; null where nobody kept what calibration saw.</summary>
    public ConvergenceReport? Convergence { get; init; }

    /// <summary>Whether the data lie within the int8 model's ranges; null where nobody looked.</summary>
    public RangesReport? Ranges { get; init; }

    /// <summary>How far the vectors of both models are apart; null where nobody asked.</summary>
    public VectorReport? Vectors { get; init; }

    /// <summary>Sizes of the files.</summary>
    public required Pair<long> SizeBytes { get; init; }

    /// <summary>Median time of a forward pass over one sample.</summary>
    public Pair<double>? LatencyMilliseconds { get; init; }

    /// <summary>What running the search's candidates gave; null where none was run.</summary>
    public TuningReport? Tuning { get; init; }

    /// <summary>Layers that compute in int8 and in float; null for <c>evaluate</c>.</summary>
    public LayerCounts? Layers { get; init; }

    /// <summary>What the search for tensors that need more than 8 bits found; null where nothing was searched.</summary>
    public SearchReport? Search { get; init; }

    /// <summary>Seconds that each stage took.</summary>
    public required IReadOnlyDictionary<string, double> Stages { get; init; }

    /// <summary>The most memory the process had at once.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Problems that did not stop the work.</summary>
    public required DiagnosticReport[] Diagnostics { get; init; }

    /// <summary>The same with what a comparison measured.</summary>
    /// <param name="data">The path of what both models were evaluated on.</param>
    /// <param name="result">How both did.</param>
    /// <param name="latency">How long a forward pass takes.</param>
    /// <param name="maxDrop">The loss of accuracy that somebody allows; null for nobody.</param>
    public ComparisonReport With(string data, ComparisonResult result, Pair<double> latency, double? maxDrop) => this with
    {
        Evaluation = new DataReport(data, result.Reference.Samples, result.Reference.Batches),
        Float = AccuracyReport.Of(result.Reference),
        Int8 = AccuracyReport.Of(result.Candidate),
        AccuracyChange = AccuracyChangeReport.Of(result, maxDrop),
        Agreement = result.Agreement,
        AgreementInterval = IntervalReport.Of(result.AgreementInterval),
        Rows = RowsOf(result),
        SqnrDecibels = FiniteSqnr(result),
        PartSqnrDecibels = FinitePartSqnr(result.Sqnr),
        NoisiestSamples = NoisiestSampleReport.Of(result),
        LatencyMilliseconds = latency,
    };

    /// <summary>What <see cref="PartSqnrDecibels"/> holds: the parts of each output that is joined of several; null where none is.</summary>
    public static SortedDictionary<string, SortedDictionary<string, double>>? FinitePartSqnr(IEnumerable<OutputSqnr> outputs)
    {
        var joined = outputs.Where(o => o.Parts.Length > 0).ToDictionary(o => o.Output, o => new SortedDictionary<string, double>(
            o.Parts.Where(p => double.IsFinite(p.Decibels)).DistinctBy(p => p.Output).ToDictionary(p => p.Output, p => p.Decibels),
            StringComparer.Ordinal));
        return joined.Count == 0 ? null : new(joined, StringComparer.Ordinal);
    }

    /// <summary>What <see cref="Rows"/> holds.</summary>
    public static SortedDictionary<string, Pair<long>>? RowsOf(ComparisonResult? result) => result is not { Rows.IsEmpty: false } ? null
        : new(result.Rows.ToDictionary(r => r.Output, r => new Pair<long>(r.Reference, r.Candidate)), StringComparer.Ordinal);

    /// <summary>What <see cref="SqnrDecibels"/> holds: JSON has no infinity, so an output that both models give to the bit has no entry.</summary>
    private static SortedDictionary<string, double> FiniteSqnr(ComparisonResult result) => new(
        result.Sqnr.Where(s => double.IsFinite(s.Decibels)).ToDictionary(s => s.Output, s => s.Decibels), StringComparer.Ordinal);
}

/// <summary>Some data and how much of it was used.</summary>
/// <param name="Data">The path.</param>
/// <param name="Samples">Samples used.</param>
/// <param name="Batches">Forward passes; null where statistics took their place.</param>
internal sealed record DataReport(string Data, int Samples, int? Batches);

/// <summary>How many layers compute in which numbers.</summary>
/// <param name="Int8">Those of which anything is in int8.</param>
/// <param name="Float">Those in float.</param>
/// <param name="WholeNumbers">Those that compute shapes, indices and conditions.</param>
internal sealed record LayerCounts(int Int8, int Float, int WholeNumbers)
{
    /// <param name="plan">What was planned without data.</param>
    /// <param name="unseen">Layers that stay float because no data reached them.</param>
    public static LayerCounts Of(QuantizationPlan plan, IReadOnlySet<string>? unseen = null)
    {
        var int8 = plan.Layers.Count(l => l.HasIntegers && unseen?.Contains(l.Layer.Name) is not true);
        var whole = plan.Layers.Count(l => l.IsOfWholeNumbers && !l.HasIntegers);
        return new LayerCounts(int8, plan.Layers.Length - int8 - whole, whole);
    }
}
