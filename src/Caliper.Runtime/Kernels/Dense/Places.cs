namespace Caliper.Kernels.Dense;

/// <summary>Pieces of a tensor at places that a run computes or is fed: GatherND and ScatterND. A place outside of the tensor ends the run:
/// nothing beside it is read or written.</summary>
/// <param name="node">The node's name, for errors.</param>
/// <param name="batches">Tensors that lie one after the other, each with places of its own.</param>
/// <param name="axes">The lengths of the axes that a place has an index for.</param>
/// <param name="places">Places in each batch.</param>
/// <param name="pieceBytes">Bytes of what lies at a place.</param>
internal sealed unsafe class Places(string node, int batches, int[] axes, int places, long pieceBytes)
{
    private long TensorBytes => checked(batches * BatchBytes);

    private long PieceBytes => checked((long)batches * places * pieceBytes);

    private long IndexBytes => checked((long)batches * places * axes.Length * sizeof(long));

    private long BatchBytes => checked(axes.Aggregate(1L, (all, length) => all * length) * pieceBytes);

    /// <summary>Reads each piece: of the tensor and the places.</summary>
    public DenseKernel Gather() => new((inputs, output, _) =>
    {
        var batchBytes = BatchBytes;
        for (var i = 0; i < batches * places; i++)
            Buffer.MemoryCopy((byte*)inputs[0] + i / places * batchBytes + OffsetOf((long*)inputs[1] + (long)i * axes.Length),
                (byte*)output + i * pieceBytes, pieceBytes, pieceBytes);
    }, PieceBytes, TensorBytes, IndexBytes);

    /// <summary>The tensor with pieces replaced, in the order of the places: of the tensor, the places and the pieces.</summary>
    public DenseKernel Scatter() => new((inputs, output, _) =>
    {
        Buffer.MemoryCopy(inputs[0], output, TensorBytes, TensorBytes);
        for (var i = 0; i < places; i++)
            Buffer.MemoryCopy((byte*)inputs[2] + i * pieceBytes, (byte*)output + OffsetOf((long*)inputs[1] + (long)i * axes.Length),
                pieceBytes, pieceBytes);
    }, TensorBytes, TensorBytes, IndexBytes, PieceBytes);

    /// <summary>The tensor with each element of a piece joined to what is there, in the order of the places.</summary>
    public DenseKernel Scatter<T>(Func<T, T, T> join) where T : unmanaged => new((inputs, output, _) =>
    {
        Buffer.MemoryCopy(inputs[0], output, TensorBytes, TensorBytes);
        var count = pieceBytes / sizeof(T);
        for (var i = 0; i < places; i++)
        {
            var to = (nint)output + (nint)OffsetOf((long*)inputs[1] + (long)i * axes.Length);
            var from = (nint)inputs[2] + (nint)(i * pieceBytes);
            for (var k = 0L; k < count; k++) ((T*)to)[k] = join(((T*)to)[k], ((T*)from)[k]);
        }
    }, TensorBytes, TensorBytes, IndexBytes, PieceBytes);

    private long OffsetOf(long* index)
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
}
