using System.Runtime.InteropServices;

namespace Caliper.Assembly;

/// <summary>
/// Machine code in pages of its own. The pages are written once and then turned from writable to executable; they are never
/// both, and never change again. They are freed with their owner, or by the finalizer that every safe handle has.
/// </summary>
internal sealed class ExecutableMemory : SafeHandle
{
    private readonly nuint _byteCount;

    private ExecutableMemory(nint pages, nuint byteCount) : base(0, ownsHandle: true)
    {
        SetHandle(pages);
        _byteCount = byteCount;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Where the code begins: the start of a page.</summary>
    public nint Start => handle;

    /// <summary>Bytes of whole pages.</summary>
    public long ByteCount => (long)_byteCount;

    /// <summary>Copies <paramref name="code"/> into fresh pages and makes them executable.</summary>
    /// <returns>The code, or null where the system gives no pages or a policy forbids to execute them.</returns>
    public static unsafe ExecutableMemory? TryPublish(ReadOnlySpan<byte> code)
    {
        var page = (nuint)Environment.SystemPageSize;
        var byteCount = Math.Max(1, ((nuint)code.Length + page - 1) / page) * page;
        var pages = MemoryPages.Allocate(byteCount);
        if (pages == 0) return null;
        var memory = new ExecutableMemory(pages, byteCount);
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        if (MemoryPages.MakeExecutable(pages, byteCount)) return memory;
        memory.Dispose();
        return null;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => MemoryPages.Release(handle, _byteCount);
}
