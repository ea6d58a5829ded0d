namespace Caliper.Kernels.Dense;

/// <summary>Pieces of a tensor at places that a run computes or is fed: GatherND and ScatterND. A place outside of the tensor ends the run:
/// nothing beside it is read or written.</summary>
/// <param name="node">The node's name, for errors.</param>
/// <param name="batches">Tensors that lie one after the other, each with places of its own.</param>
/// <param name="axes">The lengths of the axes that a place has an index for.</param>
/// <param name="places">Places in each batch.</param>
/// <param name="pieceBytes">Bytes of what lies at a place.</param>
/// <param name="known">The indices, where they are constant; else null, and they are read at every run.</param>
internal sealed unsafe class Places(string node, int batches, int[] axes, int places, long pieceBytes, long[]? known = null)
{
    private long TensorBytes => checked(batches * BatchBytes);

    private long PieceBytes => checked((long)batches * places * pieceBytes);

    private long IndexBytes => checked((long)batches * places * axes.Length * sizeof(long));

    private long BatchBytes => checked(axes.Aggregate(1L, (all, length) => all * length) * pieceBytes);

    /// <summary>Reads each piece: of the tensor and the places.</summary>
    public DenseKernel Gather() => Copies() is { } copies ? new((inputs, output, _) =>
    {
        foreach (var (at, piece, bytes) in copies) Copy((byte*)inputs[0] + at, (byte*)output + piece, bytes);
    }, PieceBytes, TensorBytes, IndexBytes)
    : new((inputs, output, _) =>
    {
        var batchBytes = BatchBytes;
        for (var i = 0; i < batches * places; i++)
            Buffer.MemoryCopy((byte*)inputs[0] + i / places * batchBytes + OffsetOf(IndexOf(inputs[1], i)),
                (byte*)output + i * pieceBytes, pieceBytes, pieceBytes);
    }, PieceBytes, TensorBytes, IndexBytes);

    /// <summary>The tensor with pieces replaced, in the order of the places: of the tensor, the places and the pieces.</summary>
    public DenseKernel Scatter() => Copies() is { } copies ? new((inputs, output, _) =>
    {
        Buffer.MemoryCopy(inputs[0], output, TensorBytes, TensorBytes);
        foreach (var (at, piece, bytes) in copies) Copy((byte*)inputs[2] + piece, (byte*)output + at, bytes);
    }, TensorBytes, TensorBytes, IndexBytes, PieceBytes)
    : new((inputs, output, _) =>
    {
        Buffer.MemoryCopy(inputs[0], output, TensorBytes, TensorBytes);
        for (var i = 0; i < places; i++)
            Buffer.MemoryCopy((byte*)inputs[2] + i * pieceBytes, (byte*)output + OffsetOf(IndexOf(inputs[1], i)),
                pieceBytes, pieceBytes);
    }, TensorBytes, TensorBytes, IndexBytes, PieceBytes);

    /// <summary>The tensor with each element of a piece joined to what is there, in the order of the places.</summary>
    public DenseKernel Scatter<T>(Func<T, T, T> join) where T : unmanaged => new((inputs, output, _) =>
    {
        Buffer.MemoryCopy(inputs[0], output, TensorBytes, TensorBytes);
        var count = pieceBytes / sizeof(T);
        for (var i = 0; i < places; i++)
        {
            var to = (nint)output + (nint)OffsetOf(IndexOf(inputs[1], i));
            var from = (nint)inputs[2] + (nint)(i * pieceBytes);
            for (var k = 0L; k < count; k++) ((T*)to)[k] = join(((T*)to)[k], ((T*)from)[k]);
        }
    }, TensorBytes, TensorBytes, IndexBytes, PieceBytes);

    private ReadOnlySpan<long> IndexOf(void* indices, int place) => new((long*)indices + (long)place * axes.Length, axes.Length);

    private long OffsetOf(ReadOnlySpan<long> index)
    {
        var offset = 0L;
        for (var axis = 0; axis < axes.Length; axis++)
        {
            var at = index[axis] < 0 ? index[axis] + axes[axis] : index[axis];
            if (at < 0 || at >= axes[axis])
                throw new CaliperException($"The node '{node}' was given the index {index[axis]} for an axis of {axes[axis]}.");
            offset = offset * axes[axis] + at;
        }
        return offset * pieceBytes;
    }

    /// <summary>Where constant places lie, and their pieces; those side by side in both tensors are one. Null where places are
    /// not constant.</summary>
    private List<(long At, long Piece, long Bytes)>? Copies()
    {
        if (known is null) return null;
        var (copies, batchBytes) = (new List<(long At, long Piece, long Bytes)>(), BatchBytes);
        for (var i = 0; i < batches * places; i++)
        {
            var at = i / places * batchBytes + OffsetOf(known.AsSpan(i * axes.Length, axes.Length));
            if (copies.Count > 0 && copies[^1] is var last && last.At + last.Bytes == at)
                copies[^1] = last with { Bytes = last.Bytes + pieceBytes };
            else copies.Add((at, i * pieceBytes, pieceBytes));
        }
        return copies;
    }

    private static void Copy(byte* from, byte* to, long bytes)
    {
        // A call would take longer.
        if (bytes == sizeof(int)) *(int*)to = *(int*)from;
        else Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}
