using System.Diagnostics;
using Caliper.Evaluation;

namespace Caliper.Tool.Commands;

/// <summary>What <c>quantize</c> and <c>evaluate</c> measure alike.</summary>
internal static class Comparing
{
    /// <summary>JSON has no infinity: an output that both models give to the bit has no entry.</summary>
    public static SortedDictionary<string, double> FiniteSqnr(ComparisonResult result) => new(
        result.Sqnr.Where(s => double.IsFinite(s.Decibels)).ToDictionary(s => s.Output, s => s.Decibels), StringComparer.Ordinal);

    /// <summary>The most memory this process had at once.</summary>
    public static long PeakMemoryBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
