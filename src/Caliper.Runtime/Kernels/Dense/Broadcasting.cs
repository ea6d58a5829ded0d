using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Functions of elements of any type, with broadcasting, on dense tensors in ONNX order: exact, and written as what they are.</summary>
internal static unsafe class Broadcasting
{
    /// <summary>A function of one element.</summary>
    public static DenseKernel Map<TX, TY>(Func<TX, TY> function, int count) where TX : unmanaged where TY : unmanaged => new((inputs, output, _) =>
    {
        var (x, y) = ((nint)inputs[0], (nint)output);
        for (var i = 0; i < count; i++) ((TY*)y)[i] = function(((TX*)x)[i]);
    }, (long)count * sizeof(TY), (long)count * sizeof(TX));

    /// <summary>A function of two elements.</summary>
    public static DenseKernel Zip<TPair, TA, TB, TY>(int[] a, int[] b, int[] y)
        where TPair : struct, IPair<TA, TB, TY> where TA : unmanaged where TB : unmanaged where TY : unmanaged
    {
        var walk = StridedWalk.Of(y, Strides(y, y, sizeof(TY)), Strides(a, y, sizeof(TA)), Strides(b, y, sizeof(TB)));
        return new((inputs, output, _) =>
        {
            Span<long> offsets = stackalloc long[3];
            var (stepY, stepA, stepB) = (walk.RunStrides[0], walk.RunStrides[1], walk.RunStrides[2]);
            for (var run = 0; run < walk.Count; run++)
            {
                var count = walk.Run(run, offsets);
                byte* to = (byte*)output + offsets[0], left = (byte*)inputs[0] + offsets[1], right = (byte*)inputs[1] + offsets[2];
                for (var i = 0; i < count; i++, to += stepY, left += stepA, right += stepB) *(TY*)to = TPair.Of(*(TA*)left, *(TB*)right);
            }
        }, walk.Span(0, sizeof(TY)).High, walk.Span(1, sizeof(TA)).High, walk.Span(2, sizeof(TB)).High);
    }

    /// <summary>Elements of the second tensor where the first is true, of the third elsewhere.</summary>
    public static DenseKernel Where<T>(int[] condition, int[] a, int[] b, int[] y) where T : unmanaged
    {
        var walk = StridedWalk.Of(y, Strides(y, y, sizeof(T)), Strides(condition, y, 1), Strides(a, y, sizeof(T)), Strides(b, y, sizeof(T)));
        return new((inputs, output, _) =>
        {
            Span<long> offsets = stackalloc long[4];
            var strides = walk.RunStrides;
            for (var run = 0; run < walk.Count; run++)
            {
                var count = walk.Run(run, offsets);
                byte* to = (byte*)output + offsets[0], which = (byte*)inputs[0] + offsets[1];
                byte* left = (byte*)inputs[1] + offsets[2], right = (byte*)inputs[2] + offsets[3];
                for (var i = 0; i < count; i++, to += strides[0], which += strides[1], left += strides[2], right += strides[3])
                    *(T*)to = *which != 0 ? *(T*)left : *(T*)right;
            }
        }, walk.Span(0, sizeof(T)).High, walk.Span(1, 1).High, walk.Span(2, sizeof(T)).High, walk.Span(3, sizeof(T)).High);
    }

    private static long[] Strides(int[] shape, int[] target, int size)
    {
        var strides = TensorLayout.DenseStrides(shape, size);
        var missing = target.Length - shape.Length;
        return [.. target.Select((_, axis) => axis < missing || shape[axis - missing] == 1 ? 0L : strides[axis - missing])];
    }
}
