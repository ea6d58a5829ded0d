using System.Runtime.InteropServices;
using Caliper.Graphs;
using Caliper.Torch.Pickling;

namespace Caliper.Torch.Files;

/// <summary>Turns a view of a storage into a dense row-major tensor, without a copy where it is one already.</summary>
internal static class StridedView
{
    /// <summary>The tensor that a checkpoint describes.</summary>
    /// <param name="name">Name of the tensor, for messages.</param>
    /// <param name="view">The description.</param>
    /// <param name="storage">All bytes of the storage.</param>
    /// <param name="budget">Pays for copies.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="CaliperException">The shape is impossible or leaves the storage.</exception>
    public static Tensor ToTensor(string name, TensorReference view, byte[] storage, MemoryBudget budget, string file)
    {
        var count = CountElements(name, view, file);
        var elementSize = view.Type.BitsPerElement() / 8;
        var shape = Shape.Of(view.Size);
        if (count == 0) return new Tensor(view.Type, shape, ReadOnlyMemory<byte>.Empty);

        var windowStart = view.Storage.Type.ByteCount(view.Storage.ViewOffset);
        var windowBytes = view.Storage.Type.ByteCount(view.Storage.ViewCount);
        CheckBounds(name, view, windowBytes / elementSize, file);
        var first = checked((int)(windowStart + view.Offset * elementSize));
        if (IsDense(view)) return new Tensor(view.Type, shape, storage.AsMemory(first, checked((int)(count * elementSize))));

        var dense = budget.Allocate(count * elementSize, $"the tensor '{name}'");
        var source = storage.AsSpan((int)windowStart, (int)windowBytes);
        switch (elementSize)
        {
            case 1: Gather<byte>(view, source, dense); break;
            case 2: Gather<ushort>(view, source, dense); break;
            case 4: Gather<uint>(view, source, dense); break;
            case 8: Gather<ulong>(view, source, dense); break;
            default: Gather<UInt128>(view, source, dense); break;
        }
        return new Tensor(view.Type, shape, dense);
    }

    private static long CountElements(string name, TensorReference view, string file)
    {
        try
        {
            var count = 1L;
            foreach (var length in view.Size)
            {
                if (length < 0) throw new OverflowException();
                count = checked(count * length);
            }
            if (count <= int.MaxValue) return count;
        }
        catch (OverflowException)
        {
            // Falls through to the message below: negative or astronomically large.
        }
        throw new CaliperException(
            $"'{file}' is refused: its tensor '{name}' claims the shape [{string.Join(", ", view.Size)}].");
    }

    private static void CheckBounds(string name, TensorReference view, long available, string file)
    {
        var last = (Int128)view.Offset;
        var inside = view.Offset >= 0;
        for (var axis = 0; axis < view.Size.Length; axis++)
        {
            inside &= view.Stride[axis] >= 0;
            last += (Int128)(view.Size[axis] - 1) * view.Stride[axis];
        }
        if (!inside || last >= available)
        {
            throw new CaliperException($"'{file}' is damaged: its tensor '{name}' leaves the {available} elements "
                + $"of its storage '{view.Storage.Key}'.");
        }
    }

    private static bool IsDense(TensorReference view)
    {
        var expected = 1L;
        for (var axis = view.Size.Length - 1; axis >= 0; axis--)
        {
            // The stride of an axis of one element never matters.
            if (view.Size[axis] != 1 && view.Stride[axis] != expected) return false;
            expected *= view.Size[axis];
        }
        return true;
    }

    private static void Gather<T>(TensorReference view, ReadOnlySpan<byte> source, Span<byte> dense) where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(source);
        var to = MemoryMarshal.Cast<byte, T>(dense);
        var index = new long[view.Size.Length];
        var position = view.Offset;
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[(int)position];
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                position += view.Stride[axis];
                if (++index[axis] < view.Size[axis]) break;
                position -= view.Stride[axis] * view.Size[axis];
                index[axis] = 0;
            }
        }
    }
}
