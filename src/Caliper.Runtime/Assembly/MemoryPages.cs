using System.Runtime.InteropServices;

namespace Caliper.Assembly;

/// <summary>Whole pages of memory, and what may be done with them.</summary>
internal static partial class MemoryPages
{
    /// <summary>Whether there are any to be had: WebAssembly has one piece of memory, which is the heap.</summary>
    public static bool Exist => !OperatingSystem.IsBrowser() && !OperatingSystem.IsWasi();

    /// <summary>Fresh zeroed pages that can be read and written, or zero where the system gives none.</summary>
    public static nint Allocate(nuint byteCount)
    {
        if (OperatingSystem.IsWindows()) return VirtualAlloc(0, byteCount, CommitAndReserve, PageReadWrite);
        var pages = Map(0, byteCount, ReadAndWrite, PrivateAnonymous, file: -1, offset: 0);
        return pages == -1 ? 0 : pages;
    }

    /// <summary>Turns written pages into code: from here on they can be read and executed and nothing else. False where a
    /// policy of the system forbids it.</summary>
    public static bool MakeExecutable(nint pages, nuint byteCount)
    {
        if (!OperatingSystem.IsWindows()) return Protect(pages, byteCount, ReadAndExecute) == 0;
        return VirtualProtect(pages, byteCount, PageExecuteRead, out _)
            && FlushInstructionCache(GetCurrentProcess(), pages, byteCount);
    }

    /// <summary>Makes pages unreadable and unwritable: whoever touches them dies on the spot.</summary>
    public static bool Forbid(nint pages, nuint byteCount) => OperatingSystem.IsWindows()
        ? VirtualProtect(pages, byteCount, PageNoAccess, out _) : Protect(pages, byteCount, protection: 0) == 0;

    /// <summary>Gives the pages back.</summary>
    public static bool Release(nint pages, nuint byteCount) =>
        OperatingSystem.IsWindows() ? VirtualFree(pages, 0, ReleaseAll) : Unmap(pages, byteCount) == 0;

    private const int ReadAndWrite = 1 | 2;
    private const int ReadAndExecute = 1 | 4;

    // What has no file behind it has another number on Linux than in the family of BSD, of which macOS is.
    private static readonly int PrivateAnonymous = 0x02 | (OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x20 : 0x1000);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint byteCount, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint byteCount, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint byteCount);

    private const uint CommitAndReserve = 0x1000 | 0x2000;
    private const uint ReleaseAll = 0x8000;
    private const uint PageNoAccess = 0x01;
    private const uint PageReadWrite = 0x04;
    private const uint PageExecuteRead = 0x20;

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint byteCount, uint type, uint protection);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualProtect(nint address, nuint byteCount, uint protection, out uint previous);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nuint byteCount, uint type);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushInstructionCache(nint process, nint address, nuint byteCount);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
