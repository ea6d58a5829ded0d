using System.Runtime.InteropServices;

namespace Caliper.Execution;

/// <summary>The memory that native code was given by the C library and has freed again.</summary>
internal static partial class NativeHeap
{
    private static volatile bool _isTrimmed = OperatingSystem.IsLinux();

    /// <summary>Gives back to the system what is free. The GNU C library keeps it, each thread its own, and of a network whose runs allocate and free
    /// blocks of many sizes that comes to several times what is ever used at once. Other systems do it by themselves.</summary>
    public static void Trim()
    {
        if (!_isTrimmed) return;
        try
        {
            _ = TrimAbove(0);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            _isTrimmed = false; // another C library
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimAbove(nuint padding);
}
