using System.Diagnostics;
using System.Runtime;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Tool.Inputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Measuring;

/// <summary>How long one forward pass takes: the median over repeated runs on one sample, the first ones left out.</summary>
internal static class Latency
{
    private const int WarmupRuns = 30, MostWarmups = 4, MostRuns = 200;

    // Code that ran thirty times is compiled anew in the background, a tenth of a second after nothing else was compiled.
    private static readonly TimeSpan Recompiled = TimeSpan.FromMilliseconds(200), MostWarm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(200);

    /// <summary>Both medians, that of a float model, in ONNX Runtime, and that of an int8 one.</summary>
    public static Pair<double> Of(
        Model reference, Model candidate, IExecutionBackend backend, ILoader data, int threads, CancellationToken cancellationToken) =>
        Of((reference, OnnxRuntimeBackend.Instance), (candidate, backend), data, threads, cancellationToken);

    /// <summary>Both medians, those of two models and who runs them, one after the other: the threads of one model would disturb the
    /// other.</summary>
    public static Pair<double> Of((Model Model, IExecutionBackend Backend) reference, (Model Model, IExecutionBackend Backend) candidate,
        ILoader data, int threads, CancellationToken cancellationToken)
    {
        var batch = data.First();
        return new(MedianMilliseconds(reference.Model, reference.Backend, batch, threads, cancellationToken),
            MedianMilliseconds(candidate.Model, candidate.Backend, batch, threads, cancellationToken));
    }

    /// <summary>The median in milliseconds. A model of a fixed batch size is fed that many samples.</summary>
    /// <param name="network">What to run: planned anew, with threads that wait busily, as a service would run it.</param>
    /// <param name="backend">Who runs it.</param>
    /// <param name="batch">Where the samples are taken from.</param>
    /// <param name="threads">Threads within one forward pass; 0 for one per physical core.</param>
    /// <param name="cancellationToken">Ends the measurement early.</param>
    public static double MedianMilliseconds(
        Model network, IExecutionBackend backend, Batch batch, int threads, CancellationToken cancellationToken)
    {
        using var model = new FloatModel(network, new ExecutionOptions { Threads = threads, BusyWaiting = true, Backend = backend });
        var input = Samples.First(network, batch);
        WarmUp(() => model.Run(input, cancellationToken));
        var times = new List<double>(MostRuns);
        var started = Stopwatch.GetTimestamp();
        do
        {
            var before = Stopwatch.GetTimestamp();
            model.Run(input, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
        while (times.Count < MostRuns && Stopwatch.GetElapsedTime(started) < Enough);
        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>Runs it until nothing of it is compiled any more.</summary>
    private static void WarmUp(Action run)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var (warmup, compiled) = (0, -1L); warmup < MostWarmups && compiled != JitInfo.GetCompiledMethodCount(); warmup++)
        {
            compiled = JitInfo.GetCompiledMethodCount();
            for (var i = 0; i < WarmupRuns && Stopwatch.GetElapsedTime(begun) < MostWarm; i++) run();
            // Whoever compiles needs a core of its own, and threads that wait busily leave none.
            Thread.Sleep(Recompiled);
        }
        run();
    }
}
