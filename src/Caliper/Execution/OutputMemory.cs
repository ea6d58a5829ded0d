namespace Caliper.Execution;

/// <summary>Memory for outputs, lent until a result is disposed of; the next shape takes what the last one left, where it is enough.</summary>
internal sealed class OutputMemory
{
    private readonly List<byte[]> _idle = [];

    /// <summary>Lends at least so many bytes, in which anything may stand.</summary>
    public byte[] Take(long bytes)
    {
        lock (_idle)
        {
            var piece = _idle.Where(p => p.LongLength >= bytes).MinBy(p => p.Length);
            // What has become too small makes room for what takes its place.
            var leaving = piece ?? _idle.MaxBy(p => p.Length);
            if (leaving is not null) _idle.Remove(leaving);
            return piece ?? GC.AllocateUninitializedArray<byte>(checked((int)(bytes + bytes / 8)));
        }
    }

    /// <summary>Takes a piece back.</summary>
    public void Give(byte[] piece)
    {
        lock (_idle) _idle.Add(piece);
    }
}
