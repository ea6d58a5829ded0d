namespace Caliper.Kernels;

/// <summary>Pages of a buffer that nobody may touch, before and after every piece that lies in it.</summary>
internal static class GuardPages
{
    /// <summary>Bytes of a page.</summary>
    public static readonly long Size = Environment.SystemPageSize;

    /// <summary>Finds places for pieces.</summary>
    /// <param name="guard">Which end of a piece touches its guard page.</param>
    /// <param name="sizes">Bytes of each piece, what may be read after it included.</param>
    /// <param name="guards">Receives the offsets of the guard pages.</param>
    /// <returns>Where each piece begins, and bytes of all together.</returns>
    public static (long[] Starts, long Length) Lay(MemoryGuard guard, ReadOnlySpan<long> sizes, List<long> guards)
    {
        guards.Add(0);
        var starts = new long[sizes.Length];
        var at = Size;
        for (var i = 0; i < sizes.Length; i++)
        {
            var room = checked((sizes[i] + Size - 1) / Size * Size);
            starts[i] = guard is MemoryGuard.Before ? at : at + room - sizes[i];
            guards.Add(at + room);
            at += room + Size;
        }
        return (starts, at);
    }
}
