using Caliper.Assembly;

namespace Caliper.Kernels;

/// <summary>
/// The memory of all packed weights of a session, in few large pieces: the processor then needs few entries to translate its
/// addresses, while a large network reads all of its weights once in every run.
/// </summary>
internal sealed unsafe class PackedMemory : IDisposable
{
    private const long SmallPiece = 256 * 1024;

    private const int SmallPieces = 2;

    // Small models take little; of a large piece the system gives what is touched, in large pages. A heap gives all of it at once.
    private static readonly long LargePiece = MemoryPages.Exist ? 16 * 1024 * 1024 : SmallPiece;

    private readonly List<NativeBuffer> _pieces = [];
    private readonly List<(nint Start, long ByteCount)> _allocated = [];
    private readonly Dictionary<SameNumbers<byte>, PackedPiece> _kept = [];
    private long _used;

    /// <summary>All that has been allocated, the readable bytes after it included.</summary>
    public IEnumerable<(nint Start, long ByteCount)> Allocated => _allocated;

    /// <summary>Bytes that have been given, the last piece's rest not counted.</summary>
    public long ByteCount => _allocated.Sum(a => a.ByteCount);

    /// <summary>Zeroed memory of the session's lifetime, aligned to a cache line, with readable bytes beyond its end.</summary>
    public PackedPiece Allocate(long length)
    {
        var size = (length + NativeBuffer.ReadableTail + NativeBuffer.Alignment - 1) / NativeBuffer.Alignment * NativeBuffer.Alignment;
        if (_pieces.Count == 0 || _used + size > _pieces[^1].Length)
        {
            _pieces.Add(new NativeBuffer(_pieces.Count < SmallPieces && size <= SmallPiece ? SmallPiece : Math.Max(size, LargePiece)));
            _used = 0;
        }
        var start = _pieces[^1].Start + _used;
        _used += size;
        _allocated.Add(((nint)start, length + NativeBuffer.ReadableTail));
        return new(start, length);
    }

    /// <summary>Memory that holds these bytes, the same for whoever asks for the same ones; nobody may write to it.</summary>
    public PackedPiece Keep(byte[] content)
    {
        if (_kept.TryGetValue(new(content), out var known)) return known;
        var piece = Allocate(content.Length);
        content.CopyTo(new Span<byte>(piece.Start, content.Length));
        _kept.Add(new(content), piece);
        return piece;
    }

    public void Dispose()
    {
        foreach (var piece in _pieces) piece.Dispose();
    }
}

/// <summary>A piece of packed memory.</summary>
internal readonly unsafe struct PackedPiece(byte* start, long length)
{
    /// <summary>The first byte.</summary>
    public byte* Start => start;

    /// <summary>Bytes, those not counted that may be read after them.</summary>
    public long Length => length;
}
