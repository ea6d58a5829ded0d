using System.Diagnostics;

namespace Caliper.Benchmarks.Layers;

/// <summary>The fastest of many runs: what a layer takes when nothing disturbs it.</summary>
internal static class Fastest
{
    /// <summary>Seconds of the fastest run.</summary>
    /// <param name="run">What is measured, called at least six times.</param>
    /// <param name="budgetSeconds">For how long runs are repeated.</param>
    public static double Seconds(Action run, double budgetSeconds)
    {
        run();
        var least = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (var runs = 0; runs < 5 || all.Elapsed.TotalSeconds < budgetSeconds; runs++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return least;
    }
}
