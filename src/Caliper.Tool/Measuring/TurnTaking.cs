using System.Diagnostics;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Measuring;

/// <summary>Measures one model or two, which take turns, so that whatever else the machine does hits both.</summary>
internal static class TurnTaking
{
    private const int WarmupRuns = 20;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    public static BenchReport Measure(BenchOptions options, CancellationToken cancellationToken)
    {
        var threads = options.Model.Threads > 0 ? options.Model.Threads : Environment.ProcessorCount;
        using var pinned = new PinnedThreads(threads);
        // Made on this thread after it was pinned: the threads of both backends inherit its processors.
        using var first = BenchedModel.Open(options, options.Model.Path, options.Engine, threads);
        using var second = SecondOf(options, threads);
        BenchedModel[] all = second is null ? [first] : [first, second];
        var peak = Peak.Measure(cancellationToken);
        TakeTurns(all, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        var layers = options.Layers ? first.Layers(cancellationToken) : null;
        return new BenchReport
        {
            Results = [.. all.Select(c => ResultOf(c, first, threads, peak))],
            Ratio = second is null ? null : second.Median / first.Median,
            PeakGmacPerSecond = peak.Vectors,
            PeakUnit = peak.VectorUnit,
            TilePeakGmacPerSecond = peak.Tiles,
            Layers = layers?.Select(l => LayerOf(l, peak)).ToArray(),
            Memory = first.Memory,
            Diagnostics = DiagnosticReport.Of(all.SelectMany(c => c.Diagnostics)),
        };
    }

    private static BenchedModel? SecondOf(BenchOptions options, int threads) => options.Against switch
    {
        null => null,
        EngineSymbols.OnnxRuntime => BenchedModel.Open(options, options.Model.Path, new() { Backend = EngineSymbols.OnnxRuntime }, threads),
        EngineSymbols.Caliper => BenchedModel.Open(options, options.Model.Path, new() { Backend = EngineSymbols.Caliper }, threads),
        var other => BenchedModel.Open(options, other, options.Engine, threads),
    };

    private static void TakeTurns(BenchedModel[] all, TimeSpan budget, CancellationToken cancellationToken)
    {
        foreach (var model in all)
            for (var run = 0; run < WarmupRuns; run++) model.Once(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        do
        {
            foreach (var model in all)
            {
                // The first run of a turn finds the caches as the other one left them, and does not count.
                model.Once(cancellationToken);
                var turn = Stopwatch.GetTimestamp();
                do
                {
                    var before = Stopwatch.GetTimestamp();
                    model.Once(cancellationToken);
                    model.Milliseconds.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                }
                while (Stopwatch.GetElapsedTime(turn) < Turn);
            }
        }
        while (Stopwatch.GetElapsedTime(started) < budget);
    }

    private static BenchResult ResultOf(BenchedModel model, BenchedModel first, int threads, Peak peak)
    {
        var multiplyAdds = model.MultiplyAdds ?? (model.Path == first.Path ? first.MultiplyAdds : null);
        var rate = multiplyAdds / model.Median / 1e6;
        // Which unit another backend uses where there are two, it does not tell.
        var least = model.Steps is { } steps ? peak.LeastMilliseconds(steps) : peak.Tiles is null ? multiplyAdds / peak.Vectors / 1e6 : null;
        return new BenchResult(model.Path, model.Backend, threads, model.Batch, model.Median, model.Milliseconds.Min(), rate,
            least / (model.Median * threads));
    }

    private static BenchLayer LayerOf((StepDescription Step, double Milliseconds) layer, Peak peak)
    {
        // A step of a few multiply-adds may end within one tick of the clock: then there is no rate.
        var rate = layer.Step.MultiplyAdds > 0 && layer.Milliseconds > 0 ? layer.Step.MultiplyAdds / layer.Milliseconds / 1e6 : (double?)null;
        return new BenchLayer(layer.Step.Name, layer.Step.Kind, layer.Step.Kernel, layer.Milliseconds, rate, rate / peak.Of(layer.Step));
    }
}
