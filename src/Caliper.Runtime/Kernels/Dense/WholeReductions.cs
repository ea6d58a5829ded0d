using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Reductions of whole numbers and truth values, exact.</summary>
internal static unsafe class WholeReductions
{
    /// <summary>The reduction by a function of two along some axes.</summary>
    /// <param name="shape">Of the input.</param>
    /// <param name="isReduced">Whether an axis is.</param>
    /// <param name="first">What the function begins with, and leaves every number as it is.</param>
    public static DenseKernel Of<TPair, T>(int[] shape, bool[] isReduced, T first) where TPair : struct, IPair<T, T, T> where T : unmanaged
    {
        int[] kept = [.. shape.Select((length, axis) => isReduced[axis] ? 1 : length)];
        var results = TensorLayout.DenseStrides(kept, sizeof(T)).Select((stride, axis) => isReduced[axis] ? 0 : stride);
        var walk = StridedWalk.Of(shape, TensorLayout.DenseStrides(shape, sizeof(T)), [.. results]);
        var count = Sizes.Product(kept);
        return new((inputs, output, _) =>
        {
            new Span<T>(output, count).Fill(first);
            Span<long> offsets = stackalloc long[2];
            for (var run = 0; run < walk.Count; run++)
            {
                var length = walk.Run(run, offsets);
                byte* from = (byte*)inputs[0] + offsets[0], to = (byte*)output + offsets[1];
                for (var i = 0; i < length; i++, from += walk.RunStrides[0], to += walk.RunStrides[1]) *(T*)to = TPair.Of(*(T*)to, *(T*)from);
            }
        }, (long)count * sizeof(T), walk.Span(0, sizeof(T)).High);
    }
}
