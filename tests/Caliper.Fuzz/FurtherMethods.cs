using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Reporting.Html;
using Caliper.Search;

namespace Caliper.Fuzz;

/// <summary>What a user can call beside the flow itself: evaluate, calibrate, examine, equalize, search, compare, report.</summary>
internal static class FurtherMethods
{
    /// <summary>How many stages there are.</summary>
    public const int Count = 5;

    /// <summary>One stage on a network that was quantized.</summary>
    public static void Run(int stage, FloatModel loaded, FusedModel fused, PreparedModel prepared, QuantizedModel quantized, int seed)
    {
        var data = new[] { BatchOf(fused, seed), BatchOf(fused, seed + 1) };
        switch (stage)
        {
            case 0:
                Evaluator.Evaluate(loaded, new CrossEntropyLoss(), data);
                ModelComparison.Compare(loaded, quantized, new CrossEntropyLoss(), data);
                _ = fused.ToString();
                break;
            case 1:
                var statistics = Calibrated(fused, data);
                var found = DataDoctor.Examine(fused, statistics);
                var calibration = new HtmlCalibration(fused, statistics, null, prepared.Mapping) { Diagnostics = found };
                HtmlReport.Render(null, new HtmlReportHeader("fuzz", "float", null) { Calibration = calibration });
                prepared.Load(statistics);
                break;
            case 2:
                RecipeSearch.Equalized(prepared, Calibrated(fused, data))?.Fused.Dispose();
                break;
            case 3:
                var search = RecipeSearch.Find(prepared, data, new SearchOptions { Samples = 2 });
                prepared.Convert(search.Complete(new ConvertOptions { AllowUnobserved = true })).Dispose();
                break;
            default:
                var options = new LayerComparisonOptions { SensitivitySamples = 2, Criterion = new CrossEntropyLoss() };
                var report = LayerComparison.Compare(fused, quantized, data, options);
                HtmlReport.Render(report, new HtmlReportHeader("fuzz", "float", "int8"));
                break;
        }
    }

    private static CalibrationStatistics Calibrated(FusedModel fused, Batch[] data)
    {
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(data);
        return calibrator.Statistics;
    }

    private static Batch BatchOf(FusedModel model, int seed)
    {
        var inputs = StubBackend.Tensors(model.Inputs, new Random(seed));
        var count = inputs.Values.Where(t => t.Shape.Rank > 0).Select(t => (int)t.Shape[0].Length).DefaultIfEmpty(1).First();
        return new Batch(inputs, [.. Enumerable.Range(0, count)], [.. Enumerable.Range(0, count).Select(i => $"#{i}")]);
    }
}
