using System.Diagnostics;
using Caliper.Assembly;

namespace Caliper.Tool.Measuring;

/// <summary>Measures the most that one core can multiply and add in int8.</summary>
internal static class Peak
{
    private const long Turns = 200_000;
    private const int Trials = 9;

    /// <summary>10⁹ multiply–adds a second on one core, the best of some trials; null where no code can be generated.</summary>
    public static double? GigaMultiplyAddsPerSecond(CancellationToken cancellationToken)
    {
        if (!GeneratedCode.IsSupported) return null;
        using var peak = new VnniPeak();
        peak.Run(Turns);
        var best = 0.0;
        for (var trial = 0; trial < Trials; trial++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            peak.Run(Turns);
            best = Math.Max(best, VnniPeak.MultiplyAddsPerTurn * Turns / Stopwatch.GetElapsedTime(before).TotalSeconds / 1e9);
        }
        return best;
    }
}
