using System.Diagnostics;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Measuring;

/// <summary>The work of <c>caliper bench</c>: contestants take turns, so that whatever else the machine does hits both.</summary>
internal static class Benching
{
    private const int WarmupRuns = 20;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    public static int Run(BenchOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        var threads = options.Model.Threads > 0 ? options.Model.Threads : Environment.ProcessorCount;
        using var pinned = new PinnedThreads(threads);
        // Made on this thread after it was pinned: the threads of both backends inherit its processors.
        using var first = Contestant.Open(options, options.Model.Path, options.Engine, threads);
        using var second = SecondOf(options, threads);
        Contestant[] all = second is null ? [first] : [first, second];
        var peak = Peak.GigaMacsPerSecond(cancellationToken);
        Measure(all, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        var layers = options.Layers ? first.Layers(cancellationToken) : null;
        var report = new BenchReport
        {
            Results = [.. all.Select(c => ResultOf(c, first, threads, options.Batch, peak))],
            Ratio = second is null ? null : second.Median / first.Median,
            PeakGmacPerSecond = peak,
            Layers = layers?.Select(l => LayerOf(l, peak)).ToArray(),
            Memory = first.Memory,
            Diagnostics = DiagnosticReport.Of(all.SelectMany(c => c.Diagnostics)),
        };
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else BenchText.Print(console.Result, report);
        return ExitCode.Ok;
    }

    private static Contestant? SecondOf(BenchOptions options, int threads) => options.Against switch
    {
        null => null,
        EngineSymbols.OnnxRuntime => Contestant.Open(options, options.Model.Path, new() { Backend = EngineSymbols.OnnxRuntime }, threads),
        EngineSymbols.Caliper => Contestant.Open(options, options.Model.Path, new() { Backend = EngineSymbols.Caliper }, threads),
        var other => Contestant.Open(options, other, options.Engine, threads),
    };

    private static void Measure(Contestant[] all, TimeSpan budget, CancellationToken cancellationToken)
    {
        foreach (var contestant in all)
            for (var run = 0; run < WarmupRuns; run++) contestant.Once(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        do
        {
            foreach (var contestant in all)
            {
                // The first run of a turn finds the caches as the other one left them, and does not count.
                contestant.Once(cancellationToken);
                var turn = Stopwatch.GetTimestamp();
                do
                {
                    var before = Stopwatch.GetTimestamp();
                    contestant.Once(cancellationToken);
                    contestant.Milliseconds.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                }
                while (Stopwatch.GetElapsedTime(turn) < Turn);
            }
        }
        while (Stopwatch.GetElapsedTime(started) < budget);
    }

    private static BenchResult ResultOf(Contestant contestant, Contestant first, int threads, int batch, double? peak)
    {
        var macs = contestant.MultiplyAdds ?? (contestant.Path == first.Path ? first.MultiplyAdds : null);
        var rate = macs / contestant.Median / 1e6;
        return new BenchResult(contestant.Path, contestant.Backend, threads, batch, contestant.Median, contestant.Milliseconds.Min(), rate,
            rate / (peak * threads));
    }

    private static BenchLayer LayerOf((StepDescription Step, double Milliseconds) layer, double? peak)
    {
        // A step of a few multiply-adds may end within one tick of the clock: then there is no rate.
        var rate = layer.Step.MultiplyAdds > 0 && layer.Milliseconds > 0 ? layer.Step.MultiplyAdds / layer.Milliseconds / 1e6 : (double?)null;
        return new BenchLayer(layer.Step.Name, layer.Step.Kind, layer.Step.Kernel, layer.Milliseconds, rate, rate / peak);
    }
}
