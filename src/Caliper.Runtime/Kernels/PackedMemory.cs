namespace Caliper.Kernels;

/// <summary>
/// The memory of all packed weights of a session, in few large pieces: the processor then needs few entries to translate its
/// addresses, while a large network reads all of its weights once in every run.
/// </summary>
internal sealed unsafe class PackedMemory : IDisposable
{
    private const long FirstPiece = 256 * 1024, LargestPiece = 16 * 1024 * 1024;

    private readonly List<NativeBuffer> _pieces = [];
    private readonly List<(nint Start, long ByteCount)> _allocated = [];
    private readonly Dictionary<SameNumbers<byte>, PackedPiece> _kept = [];
    private long _used;

    /// <summary>All that has been allocated, the readable bytes after it included.</summary>
    public IEnumerable<(nint Start, long ByteCount)> Allocated => _allocated;

    /// <summary>Bytes of all pieces.</summary>
    public long ByteCount => _pieces.Sum(p => p.Length);

    /// <summary>Zeroed memory of the session's lifetime, aligned to a cache line, with readable bytes beyond its end.</summary>
    public PackedPiece Allocate(long length)
    {
        var size = (length + NativeBuffer.ReadableTail + NativeBuffer.Alignment - 1) / NativeBuffer.Alignment * NativeBuffer.Alignment;
        if (_pieces.Count == 0 || _used + size > _pieces[^1].Length)
        {
            // Half as much again as there is: of what a model takes, little lies idle.
            _pieces.Add(new NativeBuffer(Math.Max(size, Math.Clamp(ByteCount / 2, FirstPiece, LargestPiece))));
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
