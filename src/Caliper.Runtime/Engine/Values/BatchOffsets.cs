namespace Caliper.Engine.Values;

/// <summary>Where the matrices of a batched product begin, broadcasting included.</summary>
internal static class BatchOffsets
{
    /// <summary>Elements from the start of each operand, one for each matrix of the result.</summary>
    public static (int[] A, int[] B) Of(int[] a, int[] b, int[] y)
    {
        var batches = y.AsSpan(0, y.Length - 2).ToArray();
        return (Offsets(a, batches), Offsets(b, batches));
    }

    /// <summary>Bytes from the start of an operand whose axes lie so far apart, one for each matrix of the result.</summary>
    public static long[] Of(int[] shape, long[] strides, int[] y)
    {
        var batches = y.AsSpan(0, y.Length - 2);
        var offsets = new long[Sizes.Product(batches.ToArray())];
        var missing = batches.Length - (shape.Length - 2);
        for (var batch = 0; batch < offsets.Length; batch++)
        {
            var rest = batch;
            for (var axis = batches.Length - 1; axis >= missing; axis--)
            {
                (rest, var index) = Math.DivRem(rest, batches[axis]);
                // An axis of length 1 is repeated: the operand stays where it is.
                if (shape[axis - missing] > 1) offsets[batch] = checked(offsets[batch] + index * strides[axis - missing]);
            }
        }
        return offsets;
    }

    /// <summary>What is touched of an operand whose matrices have so many elements.</summary>
    public static ByteSpan Span(int[] offsets, long elements, int elementSize) => offsets.Length == 0 ? default
        : new(Math.Min(0, offsets.Min()) * (long)elementSize, (offsets.Max() + elements) * elementSize);

    private static int[] Offsets(int[] shape, int[] batches)
    {
        var offsets = new int[Sizes.Product(batches)];
        var missing = batches.Length - (shape.Length - 2);
        for (var batch = 0; batch < offsets.Length; batch++)
        {
            var (rest, stride) = (batch, shape[^2] * shape[^1]);
            for (var axis = batches.Length - 1; axis >= missing; axis--)
            {
                (rest, var index) = Math.DivRem(rest, batches[axis]);
                // An axis of length 1 is repeated: the operand stays where it is.
                if (shape[axis - missing] > 1) offsets[batch] = checked(offsets[batch] + index * stride);
                stride = checked(stride * shape[axis - missing]);
            }
        }
        return offsets;
    }
}
