using System.Runtime.InteropServices;

namespace Caliper.Testing;

/// <summary>
/// Memory that ends where a page begins that nobody may touch: code that reads or writes one element too many dies on the
/// spot instead of being lucky. Where the operating system has no <c>mmap</c>, it is ordinary memory.
/// </summary>
internal sealed unsafe class GuardedMemory<T> : IDisposable where T : unmanaged
{
    private readonly int _count;
    private readonly nint _pages;
    private readonly nuint _byteCount;
    private readonly T* _start;

    /// <summary>Reserves zeroed memory for <paramref name="count"/> elements.</summary>
    public GuardedMemory(int count)
    {
        _count = count;
        var used = checked((nuint)(count * sizeof(T)));
        var page = (nuint)Environment.SystemPageSize;
        _byteCount = (used + page - 1) / page * page + page;
        if (OperatingSystem.IsWindows())
        {
            _start = (T*)NativeMemory.AllocZeroed(Math.Max(used, 1));
            return;
        }
        var anonymous = OperatingSystem.IsMacOS() ? 0x1000 : 0x20;
        _pages = GuardedPages.Map(0, _byteCount, protection: 3, flags: 2 | anonymous, file: -1, offset: 0);
        if (_pages == -1) throw new InvalidOperationException("mmap failed.");
        var guard = _pages + (nint)(_byteCount - page);
        if (GuardedPages.Protect(guard, page, protection: 0) != 0) throw new InvalidOperationException("mprotect failed.");
        _start = (T*)(guard - (nint)used);
    }

    /// <summary>The elements; the guard page follows the last one.</summary>
    public Span<T> Span => new(_start, _count);

    public void Dispose()
    {
        if (OperatingSystem.IsWindows()) NativeMemory.Free(_start);
        else _ = GuardedPages.Unmap(_pages, _byteCount);
    }

    /// <summary>Guarded memory with these elements.</summary>
    public static GuardedMemory<T> Of(ReadOnlySpan<T> elements)
    {
        var memory = new GuardedMemory<T>(elements.Length);
        elements.CopyTo(memory.Span);
        return memory;
    }
}

/// <summary>The system calls; a generic class may not hold them.</summary>
internal static partial class GuardedPages
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial nint Map(nint address, nuint byteCount, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    public static partial int Protect(nint address, nuint byteCount, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial int Unmap(nint address, nuint byteCount);
}
