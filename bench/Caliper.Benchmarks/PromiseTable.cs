using System.Diagnostics;
using System.Globalization;
using Caliper.Analysis;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Imaging;

namespace Caliper.Benchmarks;

/// <summary>
/// Whether the verdict keeps its word: each fix that keeps layers float is applied, to networks of <c>SHARED</c>, and what it was said to give and to
/// cost stands beside what it gives and costs: <c>... -- promises SHARED [NETWORK ...]</c>.
/// </summary>
internal static class PromiseTable
{
    private const int CalibrationSamples = 128, TestSamples = 400;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    public static void Print(string shared, string[] only)
    {
        Console.WriteLine("| network | float | now | promised | applied | off | time promised | applied |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var (off, slow) = (new List<double>(), new List<double>());
        foreach (var (name, model, calibration, test) in Networks(shared).Where(n => only.Length == 0 || only.Contains(n.Name)))
        {
            using var fused = FloatModel.Load(model, new ExecutionOptions { Threads = 1 }).Fuse();
            var data = test();
            using var int8 = Quantize(fused, calibration(), QConfig.Default);
            var report = LayerComparison.Compare(fused, int8, data,
                new LayerComparisonOptions { Criterion = new CrossEntropyLoss(), MeasuresTime = true, SensitivityBudget = TimeSpan.FromSeconds(60) });
            foreach (var finding in report.Findings.Where(f => f.Fix.Kind is FixKind.KeepFloat))
            {
                var mapping = finding.Fix.Layers.Aggregate(new QConfigMapping(QConfig.Default), (all, layer) => all.SetName(layer, null));
                using var mended = Quantize(fused, calibration(), mapping);
                var applied = ModelComparison.Compare(fused, mended, null, data).Sqnr[0].Decibels;
                var time = TimeRatio(int8, mended, data.First());
                off.Add(Math.Abs(applied - finding.DecibelsMended));
                slow.Add(Math.Abs(time / (finding.TimeRatio ?? double.NaN) - 1));
                Console.WriteLine($"| {name} | {string.Join(", ", finding.Fix.Layers)} | {Number(finding.DecibelsNow)} | "
                    + $"{Number(finding.DecibelsMended)} | {Number(applied)} | {Number(applied - finding.DecibelsMended)} | "
                    + $"{Number(finding.TimeRatio ?? double.NaN)} | {Number(time)} |");
            }
        }
        if (off.Count == 0) Console.WriteLine("No fix that keeps layers float is offered.");
        else Console.WriteLine($"{off.Count} fixes; within 0.5 dB {off.Count(o => o <= 0.5)}, worst {Number(off.Max())} dB; "
            + $"time within 15 % {slow.Count(s => s <= 0.15)}, worst {Number(100 * slow.Max())} %");
    }

    private static IEnumerable<(string Name, string Model, Func<ILoader> Calibration, Func<ILoader> Test)> Networks(string shared)
    {
        string Of(params string[] parts) => Path.Combine([shared, .. parts]);
        Func<ILoader> Images(string folder, Preprocessing how, int limit) =>
            () => DataSource.Open(folder, how, 8, new SampleSelection { Limit = limit });
        yield return ("resnet20", Of("models", "resnet20.onnx"),
            Images(Of("data", "cifar10", "calibration"), Preprocessing.Cifar10, CalibrationSamples),
            Images(Of("data", "cifar10", "test"), Preprocessing.Cifar10, TestSamples));
        yield return ("squeezenet1_0", Of("models", "squeezenet1_0.onnx"),
            Images(Of("data", "imagenet-sample"), Preprocessing.SqueezeNet1_0, CalibrationSamples),
            Images(Of("data", "imagenet-sample"), Preprocessing.SqueezeNet1_0, TestSamples));
        yield return ("ultraface", Of("models", "ultraface-rfb-320.onnx"), Images(Of("data", "faces"), Preprocessing.UltraFace, CalibrationSamples),
            Images(Of("data", "faces"), Preprocessing.UltraFace, TestSamples));
        string[] zoo =
        [
            "yolox_nano", "fr_feature", "fr_liveness", "ch_ppocr_mobile_v2.0_cls_infer", "embedding_model", "pan_mnv3s", "hey_jarvis_v0.1",
        ];
        foreach (var name in zoo)
            yield return (name, Of("zoo", name, "model.onnx"), () => ArrayLoader.Open(Of("zoo", name, "calibration.npz"), 1),
                () => ArrayLoader.Open(Of("zoo", name, "test.npz"), 1));
    }

    private static QuantizedModel Quantize(FusedModel fused, ILoader calibration, QConfigMapping mapping)
    {
        using var prepared = fused.Prepare(mapping);
        Evaluator.Evaluate(prepared, null, calibration);
        return prepared.Convert();
    }

    /// <summary>Both take turns; the shortest run of each counts.</summary>
    private static double TimeRatio(QuantizedModel one, QuantizedModel other, Batch batch)
    {
        var inputs = batch.Inputs.ToDictionary(i => i.Key.Length == 0 ? one.Inputs[0].Name : i.Key, i => Batches.Samples(i.Value, batch.Count, 0, 1),
            StringComparer.Ordinal);
        for (var run = 0; run < 30; run++) _ = (one.Run(inputs), other.Run(inputs));
        var least = new[] { TimeSpan.MaxValue, TimeSpan.MaxValue };
        var start = Stopwatch.GetTimestamp();
        for (var turn = 0; turn < 20 || Stopwatch.GetElapsedTime(start) < Long; turn++)
        {
            var before = Stopwatch.GetTimestamp();
            (turn % 2 == 0 ? one : other).Run(inputs);
            var time = Stopwatch.GetElapsedTime(before);
            if (time < least[turn % 2]) least[turn % 2] = time;
        }
        return least[1] / least[0];
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
