namespace Caliper.Engine.Values;

/// <summary>Bytes around an address, from the lowest that is touched to one past the highest.</summary>
/// <param name="Low">Bytes from the address to the lowest; negative where it lies before.</param>
/// <param name="High">Bytes from the address to one past the highest.</param>
internal readonly record struct ByteSpan(long Low, long High)
{
    /// <summary>What is touched of elements that lie along some axes.</summary>
    /// <param name="bytes">Bytes of one element.</param>
    /// <param name="axes">How many elements lie along each axis, and how many bytes apart.</param>
    public static ByteSpan Of(long bytes, params ReadOnlySpan<(long Count, long Stride)> axes)
    {
        var (low, high) = (0L, bytes);
        foreach (var (count, stride) in axes)
        {
            if (count <= 0) return default;
            var last = checked((count - 1) * stride);
            if (last < 0) low = checked(low + last);
            else high = checked(high + last);
        }
        return new ByteSpan(low, high);
    }

    /// <summary>Elements of a tensor that lie at strides.</summary>
    public static ByteSpan Of(long bytes, ReadOnlySpan<int> lengths, ReadOnlySpan<long> strides)
    {
        var axes = new (long, long)[lengths.Length];
        for (var axis = 0; axis < axes.Length; axis++) axes[axis] = (lengths[axis], strides[axis]);
        return Of(bytes, axes);
    }

    /// <summary>Whether nothing is touched.</summary>
    public bool IsEmpty => Low >= High;
}
