using System.Diagnostics;

namespace Caliper.Tool.Measuring;

/// <summary>The most memory this process had at once.</summary>
internal static class PeakMemory
{
    public static long Bytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
