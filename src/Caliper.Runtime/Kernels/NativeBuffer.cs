using System.Runtime.InteropServices;
using Caliper.Assembly;

namespace Caliper.Kernels;

/// <summary>Zeroed memory outside the garbage collector's reach, aligned to a cache line, with readable bytes beyond its end
/// so that a vector load may run over it.</summary>
internal sealed unsafe partial class NativeBuffer : IDisposable
{
    /// <summary>A cache line, and the longest vector.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes beyond the end that may be read but hold nothing.</summary>
    public const int ReadableTail = 64;

    // What the system may back with one page of its own.
    private const int LargePage = 2 * 1024 * 1024;
    private const int TakeLargePages = 14;

    private byte* _start;

    // Pages of our own, or none where the memory is a piece of the heap.
    private readonly byte* _pages;
    private readonly nuint _pagesLength;

    public NativeBuffer(long length) : this(length, guards: null) { }

    /// <summary>Memory in which some pages kill whoever touches them.</summary>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="guards">Where those pages are; null gives ordinary memory.</param>
    public NativeBuffer(long length, List<long>? guards)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var size = checked((nuint)length + ReadableTail);
        var isLarge = length >= LargePage && MemoryPages.Exist;
        if (!isLarge && guards is null)
        {
            _start = (byte*)NativeMemory.AlignedAlloc(size, Alignment);
            NativeMemory.Clear(_start, size);
            return;
        }
        // The system zeroes a page when it is first touched: what is never touched takes no memory.
        _pagesLength = checked(size + (nuint)(isLarge ? LargePage : 0));
        _pages = (byte*)MemoryPages.Allocate(_pagesLength);
        if (_pages is null) throw new OutOfMemoryException();
        _start = isLarge ? (byte*)(((nuint)_pages + LargePage - 1) / LargePage * LargePage) : _pages;
        // Advice: where the system has no large pages to give, it gives ordinary ones.
        if (isLarge && OperatingSystem.IsLinux()) _ = Advise((nint)_start, size, TakeLargePages);
        foreach (var guard in guards ?? [])
            if (!MemoryPages.Forbid((nint)(_start + guard), (nuint)GuardPages.Size)) throw new OutOfMemoryException("No more pages can be guarded.");
    }

    ~NativeBuffer() => Free();

    /// <summary>The first byte.</summary>
    public byte* Start => _start;

    /// <summary>Bytes that may be written.</summary>
    public long Length { get; }

    /// <summary>The same memory as elements of a type.</summary>
    public Span<T> Span<T>() where T : unmanaged => new(_start, checked((int)(Length / sizeof(T))));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pages is null) NativeMemory.AlignedFree(_start);
        else if (_start is not null) MemoryPages.Release((nint)_pages, _pagesLength);
        _start = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint byteCount, int advice);
}
