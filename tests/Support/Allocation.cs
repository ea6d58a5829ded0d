namespace Caliper.Testing;

/// <summary>Counts what code allocates on the thread that runs it.</summary>
internal static class Allocation
{
    private const int Attempts = 5;

    /// <summary>
    /// The fewest bytes of several attempts. A garbage collection in between empties array pools, and the runtime allocates when
    /// it compiles better code: both come once. What the code itself allocates comes every time.
    /// </summary>
    public static long FewestBytes(Action action)
    {
        var fewest = long.MaxValue;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return fewest;
    }
}
