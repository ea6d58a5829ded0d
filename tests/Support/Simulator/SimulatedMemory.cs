namespace Caliper.Testing.Simulator;

/// <summary>What simulated code does that it must not, or that the simulator does not know.</summary>
internal sealed class SimulationException(string message) : Exception(message);

/// <summary>The memory that simulated code may touch: pieces of this process's own, each with a name. Whoever leaves them by one byte ends
/// the simulation.</summary>
internal sealed unsafe class SimulatedMemory
{
    private readonly List<Piece> _pieces = [];

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Lets code touch memory.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="byteCount">How many there are.</param>
    /// <param name="isWritable">Whether it may be written, too.</param>
    public void Allow(string name, void* start, long byteCount, bool isWritable = false) =>
        _pieces.Add(new Piece(name, (ulong)start, (ulong)start + (ulong)byteCount, isWritable));

    /// <summary>Lets nobody touch the memory of that name any more.</summary>
    public void Forbid(string name) => _pieces.RemoveAll(p => p.Name == name);

    /// <summary>Bytes to read.</summary>
    public ReadOnlySpan<byte> Read(ulong address, int byteCount)
    {
        Check(address, byteCount, isWritten: false);
        BytesRead += byteCount;
        return new((void*)address, byteCount);
    }

    /// <summary>Bytes to write.</summary>
    public Span<byte> Write(ulong address, int byteCount)
    {
        Check(address, byteCount, isWritten: true);
        BytesWritten += byteCount;
        return new((void*)address, byteCount);
    }

    private void Check(ulong address, int byteCount, bool isWritten)
    {
        foreach (var piece in _pieces)
            if (address >= piece.Start && address + (ulong)byteCount <= piece.End && (piece.IsWritable || !isWritten)) return;
        throw new SimulationException($"{(isWritten ? "Writes" : "Reads")} {byteCount} bytes {Where(address, byteCount)}.");
    }

    private string Where(ulong address, int byteCount)
    {
        if (_pieces.Count == 0) return "where there is no memory";
        var near = _pieces.MinBy(p => p.DistanceTo(address));
        if (address + (ulong)byteCount <= near.End && address >= near.Start) return $"of '{near.Name}', which is not to be written";
        return address < near.Start
            ? $"from {near.Start - address} bytes before '{near.Name}' on"
            : $"from byte {address - near.Start} of '{near.Name}' on, which has {near.End - near.Start}";
    }

    private readonly record struct Piece(string Name, ulong Start, ulong End, bool IsWritable)
    {
        public ulong DistanceTo(ulong address) => address < Start ? Start - address : address > End ? address - End : 0;
    }
}
