using Caliper.Analysis;
using Caliper.Calibration.Convergence;
using Caliper.Data;
using Caliper.DataFree;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Preparation;
using Caliper.Reporting.Html;
using Caliper.Search;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Flows;

/// <summary>The flow of the library, stage by stage: from a float model to an int8 file, and what that cost.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="scheme">Which observers, where.</param>
/// <param name="cancellationToken">Ends it early; an output that is not written by then is not.</param>
internal sealed class QuantizationFlow(QuantizeOptions options, QConfigMapping scheme, CancellationToken cancellationToken)
{
    private const int ReportBatches = 4;

    // In dB: what a network may reach so that there is something to choose from.
    private const double TunedAim = 40;

    private string? TestPath => (options.TestData ?? options.Data)?.Path;

    /// <summary>Runs it.</summary>
    /// <returns>How both models do, and the report.</returns>
    public (Findings Findings, ComparisonReport Report) Run(StageRun stages)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Model));
        var source = CalibrationSource.Open(options, model);
        var given = options.Search.Recipe is { } file ? Recipe.Load(file) : null;
        var test = options.TestData is { } testData ? InputData.Open(testData, testData.Path, model) : source.Data;
        if (test is not null) Gate.Check(options.MaxAccuracyDrop, test, TestPath!);

        using var fused = stages.Run("fuse", () => model.Fuse().Equalize(given?.Equalization ?? ChannelFactors.None));
        using var asItIs = stages.Run("prepare", () => FloatResult.Checked(fused.Prepare(scheme)));
        using var forms = stages.Run("calibrate", progress =>
            new NetworkForms(asItIs, source.Calibrate(asItIs, IsRecorded || IsEqualizing, progress, cancellationToken)));
        if (IsEqualizing && stages.Run("equalize", () => OtherForms(asItIs, forms.SeenBy(asItIs))) is { Count: > 0 } others)
            stages.Run("recalibrate", progress => forms.Calibrate(others, form => source.Calibrate(form, IsRecorded, progress, cancellationToken)));
        var found = Search(forms.All, given, stages);
        (found, var tuned) = Tune(found, model, source.Data, stages);
        var prepared = found?.Form ?? (options.IsEqualizingDataFree ? forms.All[^1] : asItIs);
        // What the page tells of the calibration must belong to the model: better wrong before the output is written than after.
        var used = forms.Keep(prepared);
        var calibration = options.Report is null ? null : stages.Run("examine", () => Examine(prepared, used));
        var expected = Predict(prepared, used, stages);
        var converting = found?.Complete(options.Convert) ?? options.Convert with { Recipe = given };
        using var converted = stages.Run("convert", () => prepared.Convert(converting));
        using var quantized = WithBackend(converted, test);
        var judged = test is null ? null : Evaluate(model, quantized, test, stages);
        var findings = FindingsOf(judged, prepared, quantized, used, stages) with { Convergence = calibration?.Convergence ?? Judge(used, stages) };
        var layers = options.Report is null ? null : stages.Run("report", () => Explain(prepared.Fused, quantized));
        cancellationToken.ThrowIfCancellationRequested();
        Save(quantized, found, stages);

        var report = ReportOf(forms.Data, prepared, quantized, judged, findings) with
        {
            Search = SearchReport.Of(found),
            Tuning = tuned,
            DataFree = expected,
            Diagnostics = DiagnosticReport.Of([.. OfData(source.Data, test), .. quantized.Diagnostics]),
        };
        if (layers is not null) SavePage(layers, report, findings, judged!, calibration);
        return (findings, report with { Report = options.Report, Stages = stages.Seconds, PeakMemoryBytes = PeakMemory.Bytes() });
    }

    /// <summary>What is odd about samples; where what calibrated is the test, it is told once.</summary>
    private static IEnumerable<Diagnostic> OfData(params ILoader?[] data) => data.SelectMany(d => d?.Diagnostics ?? []).Distinct();

    /// <summary>Last, so that a model that cannot be run or compared leaves no file behind.</summary>
    private void Save(QuantizedModel quantized, SearchResult? found, StageRun stages)
    {
        stages.Run("save", () => quantized.Save(options.Output));
        if (options.Search.SaveRecipe is { } file) found!.Recipe.Save(file);
    }

    /// <summary>The int8 model with who runs it; only a model that is run needs someone.</summary>
    private QuantizedModel WithBackend(QuantizedModel converted, ILoader? test)
    {
        var (backend, diagnostics) = test is null ? (OnnxRuntimeBackend.Instance, []) : Int8Backend.For(converted.Model, options.Engine, test);
        return new(converted.Model, [.. converted.Diagnostics, .. diagnostics],
            new ExecutionOptions { Threads = options.Model.Threads, Int8Backend = backend });
    }

    /// <summary>What the figures do not tell by themselves.</summary>
    private Findings FindingsOf(Judgement? judged, PreparedModel prepared, QuantizedModel quantized, SeenData used, StageRun stages) =>
        new(judged?.Result)
        {
            MaxAccuracyDrop = options.MaxAccuracyDrop,
            SlowerThanFloat = options.Search.Runtime is Int8Runtime.OnnxRuntime && judged is { Latency: var (before, after) } ? after / before : null,
            Domain = CheckRanges(prepared.Fused, quantized, used, stages),
        };

    private void SavePage(QuantizationReport layers, ComparisonReport report, Findings findings, Judgement judged, HtmlCalibration? calibration) =>
        ReportPage.Save(options.Report!, layers,
            ReportPage.HeaderOf(options.Model.Path, options.Output, ComparisonText.RowsOf(report, judged.Result.Sqnr)) with
            {
                Notes = [.. findings.Notes()],
                Calibration = calibration,
            });

    /// <summary>Foretells what 8 bits cost, where nothing was run that could tell; a recipe's bits are not foretold.</summary>
    private DataFreeReport? Predict(PreparedModel prepared, SeenData expected, StageRun stages) => options.DataFree is not { } images ? null
        : stages.Run("predict", () => DataFreeReport.Of(images,
            options.Search.Recipe is null ? PredictedNoise.Of(prepared, expected.Statistics!) : []));

    /// <summary>Whether somebody asks what calibration saw: the page, or test data that may be others.</summary>
    private bool IsRecorded => options.Report is not null || options.TestData is not null;

    private ConvergenceVerdict? Judge(SeenData seen, StageRun stages) => options.DataFree is not null || seen.Statistics is not { } statistics ? null
        : stages.Run("judge", () => ReportPage.Judge(statistics, scheme));

    /// <summary>Looks whether the test data leave the ranges; null where nothing calibrated, or what calibrated is the test.</summary>
    private DomainReport? CheckRanges(FusedModel fused, QuantizedModel quantized, SeenData seen, StageRun stages) =>
        options.TestData is not { } test || options.DataFree is not null || seen.Statistics is not { } statistics ? null
            : stages.Run("ranges", progress => DomainCheck.Check(
                fused, quantized, InputData.Some(test, fused, null), statistics, null, progress, cancellationToken));

    private bool IsEqualizing => options.IsEqualizingDataFree || (options.IsSearching && options.Search.Recipe is null);

    /// <summary>What the network could be so that it loses less; what data have to tell of outliers, batch norms do not.</summary>
    private IReadOnlyList<PreparedModel> OtherForms(PreparedModel asItIs, SeenData seen) => !options.IsEqualizingDataFree
        ? RecipeSearch.FormsOf(asItIs, seen.Statistics!)
        : RecipeSearch.Equalized(asItIs, seen.Statistics!) is { } equalized ? [equalized] : [];

    private HtmlCalibration Examine(PreparedModel prepared, SeenData seen) =>
        ReportPage.CalibrationOf(prepared.Fused, seen.Statistics!, seen.Trace, scheme);

    /// <summary>Finds the form of the network, the tensors that need more than 8 bits and how weights are best rounded, on a few samples of the data
    /// that calibrated; null where nobody asked.</summary>
    private SearchResult? Search(IReadOnlyList<PreparedModel> forms, Recipe? given, StageRun stages)
    {
        if (!options.IsSearching) return null;
        var prepared = forms[0];
        var searching = SearchOptionsOf(options.Search);
        var together = prepared.Inputs.Max(i => i.Shape is { Rank: > 0 } shape && shape[0].IsKnown ? (int)shape[0].Length : 1);
        var some = InputData.Open(InputData.InSmallBatches(options.Data!, prepared), options.Data!.Path, prepared,
            new SampleSelection { Limit = RecipeSearch.MostSamples(prepared, searching) * together });
        return stages.Run("search", progress => given is null ? RecipeSearch.Find(forms, some, searching, progress, cancellationToken)
            : RecipeSearch.Apply(given, prepared, some, searching, progress, cancellationToken));
    }

    /// <summary>Chooses among what was found by running it, where somebody asked.</summary>
    private (SearchResult? Found, TuningReport? Report) Tune(SearchResult? found, FloatModel model, ILoader? data, StageRun stages)
    {
        if (found is not { Candidates.IsEmpty: false } || !options.Search.IsTuning) return (found, null);
        var flow = new TuningFlow(options, model, data!, cancellationToken);
        TuningResult? tuned = null;
        try
        {
            tuned = stages.Run("tune", progress => flow.Tune(found, progress));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nothing was run yet: the search's own choice is the best so far.
        }
        // Whoever ends the tuning wants the best so far.
        if (cancellationToken.IsCancellationRequested) cancellationToken = CancellationToken.None;
        if (tuned is null) return (found, null);
        return (found with { Recipe = tuned.Chosen.Candidate.Recipe, Chosen = tuned.Chosen.Candidate.Step },
            TuningReport.Of(tuned, options.Search.Quality, flow.IntervalOf));
    }

    private static SearchOptions SearchOptionsOf(SearchingOptions asked)
    {
        var defaults = SearchOptions.For(asked.Runtime);
        if (asked.Target is { Kind: QualityKind.Sqnr, Least: var least }) defaults = defaults with { Aim = least, Least = least, Acceptable = least };
        // Tuning chooses from 8 bits everywhere to as good as float.
        return asked.IsTuning ? defaults with { Aim = Math.Max(defaults.Aim, TunedAim), MeasuresBeyond = true } : defaults;
    }

    /// <summary>Runs both models on the test data.</summary>
    private Judgement Evaluate(FloatModel model, QuantizedModel quantized, ILoader test, StageRun stages)
    {
        var result = stages.Run("evaluate", progress => Compare(model, quantized, test, progress));
        var latency = stages.Run("latency", () =>
            Latency.Of(model.Model, quantized.Model, quantized.Execution.Int8Backend, test, options.Model.Threads, cancellationToken));
        return new(result, latency);
    }

    /// <summary>What runs whole batches keeps memory for them, which nothing after this needs.</summary>
    private ComparisonResult Compare(FloatModel model, QuantizedModel quantized, ILoader test, IProgress<EvaluationProgress> progress)
    {
        using var reference = new FloatModel(model.Model, model.Execution);
        using var candidate = new QuantizedModel(quantized.Model, quantized.Diagnostics, quantized.Execution);
        return ModelComparison.Compare(reference, candidate, new CrossEntropyLoss(), test, null, progress, cancellationToken);
    }

    private ComparisonReport ReportOf(
        DataReport? calibrated, PreparedModel prepared, QuantizedModel quantized, Judgement? judged, Findings findings)
    {
        var report = ReportPage.FilesOf(options.Model.Path, options.Output) with
        {
            Calibration = calibrated,
            Layers = LayerCounts.Of(prepared.Plan,
                quantized.Diagnostics.Where(d => d.Code is "unreached" or "unobserved").Select(d => d.Place).ToHashSet()),
            Ranges = RangesReport.Of(findings.Domain),
            Convergence = findings.Convergence is { } enough ? ConvergenceReport.Of(enough) : null,
        };
        return judged is not (var result, var latency) ? report : report.With(TestPath!, result, latency, options.MaxAccuracyDrop);
    }

    /// <summary>Compares layer by layer, on a few batches spread over the data, for the page.</summary>
    private QuantizationReport Explain(FusedModel fused, QuantizedModel quantized)
    {
        var data = (options.TestData ?? options.Data)!;
        var some = InputData.Open(InputData.InSmallBatches(data, fused), data.Path, fused,
            new SampleSelection { Limit = InputData.LimitOf(data, ReportBatches) });
        return LayerComparison.Compare(fused, quantized, some, new LayerComparisonOptions { Criterion = new CrossEntropyLoss() },
            cancellationToken: cancellationToken);
    }

    /// <summary>How both models do, and how long a forward pass takes.</summary>
    private sealed record Judgement(ComparisonResult Result, Pair<double> Latency);
}
