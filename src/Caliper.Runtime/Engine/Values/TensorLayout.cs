namespace Caliper.Engine.Values;

/// <summary>Where a tensor lies: a place, and the distance in bytes along each axis, in ONNX order.</summary>
/// <param name="Storage">The memory it lies in.</param>
/// <param name="Offset">Bytes from the start of the storage to element 0.</param>
/// <param name="Shape">Lengths in ONNX order.</param>
/// <param name="Strides">Bytes from one element to the next along each axis.</param>
internal sealed record TensorLayout(Storage Storage, long Offset, int[] Shape, long[] Strides)
{
    /// <summary>Row-major strides without gaps.</summary>
    public static long[] DenseStrides(ReadOnlySpan<int> shape, int elementSize)
    {
        var strides = new long[shape.Length];
        long stride = elementSize;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, shape[axis]);
        }
        return strides;
    }

    /// <summary>Whether the channels of a pixel lie side by side; one channel always does.</summary>
    public bool IsChannelsLast(int elementSize) => Shape.Length >= 3 && (Shape[1] == 1 || Strides[1] == elementSize);

    /// <summary>Whether the elements lie in ONNX order without gaps; axes of length 1 do not matter.</summary>
    public bool IsDense(int elementSize)
    {
        var dense = DenseStrides(Shape, elementSize);
        for (var axis = 0; axis < Shape.Length; axis++)
            if (Shape[axis] > 1 && Strides[axis] != dense[axis]) return false;
        return true;
    }

    /// <summary>The strides along axes of which the shape's own are joined (<see cref="Sizes.CommonAxes"/>).</summary>
    public long[] SplitInto(ReadOnlySpan<int> axes)
    {
        var strides = new long[axes.Length];
        var own = Shape.Length;
        var (room, stride) = (1, 0L);
        for (var axis = axes.Length - 1; axis >= 0; axis--)
        {
            while (room == 1) (room, stride) = (Shape[--own], Strides[own]);
            strides[axis] = stride;
            stride *= axes[axis];
            room /= axes[axis];
        }
        return strides;
    }

    /// <summary>The strides under another shape of as many elements, or null where that needs a copy: each group of axes
    /// that is taken apart or joined must lie in order without gaps.</summary>
    public static long[]? Reshaped(ReadOnlySpan<int> shape, ReadOnlySpan<long> strides, ReadOnlySpan<int> target, int elementSize)
    {
        var result = new long[target.Length];
        // From the last axis: 'room' elements of the source group at 'stride' are still to be given out.
        var from = shape.Length - 1;
        long room = 1, stride = elementSize;
        for (var axis = target.Length - 1; axis >= 0; axis--)
        {
            if (target[axis] == 1) { result[axis] = stride * room; continue; }
            if (room == 1)
            {
                while (from >= 0 && shape[from] == 1) from--;
                if (from < 0) return null;
                (room, stride) = (shape[from], strides[from]);
                from--;
            }
            var wanted = (long)target[axis];
            while (room < wanted || room % wanted != 0)
            {
                while (from >= 0 && shape[from] == 1) from--;
                if (from < 0 || strides[from] != stride * room) return null;
                room *= shape[from--];
            }
            result[axis] = stride;
            stride *= wanted;
            room /= wanted;
        }
        return result;
    }
}

/// <summary>A piece of memory with a lifetime. What lives at different times may lie at the same place.</summary>
internal sealed class Storage
{
    /// <summary>Which memory: the arena, the constants, those of all plans, or what the caller passed.</summary>
    public int Slot { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; set; }

    /// <summary>Where it begins within its slot; set by the memory plan.</summary>
    public long Start { get; set; }

    /// <summary>Index of the first operation that touches it.</summary>
    public int FirstUse { get; set; } = int.MaxValue;

    /// <summary>Index of the last operation that touches it.</summary>
    public int LastUse { get; set; } = -1;

    /// <summary>The working memory of a run.</summary>
    public const int Arena = 0;

    /// <summary>Constants, shared by all runs.</summary>
    public const int Constants = 1;

    /// <summary>Constants, shared by all plans of a model. What is there begins at its address.</summary>
    public const int Shared = 2;

    /// <summary>The first of the caller's tensors.</summary>
    public const int FirstExternal = 3;
}

/// <summary>An address that becomes a pointer when a run begins.</summary>
/// <param name="Slot">Which memory.</param>
/// <param name="Offset">Bytes from its start.</param>
internal readonly record struct Place(int Slot, long Offset)
{
    /// <summary>Element 0 of a tensor whose storage has its place.</summary>
    public static Place Of(TensorLayout layout) => new(layout.Storage.Slot, layout.Storage.Start + layout.Offset);

    /// <summary>Another place, so many bytes on.</summary>
    public static Place operator +(Place place, long bytes) => place with { Offset = place.Offset + bytes };
}
