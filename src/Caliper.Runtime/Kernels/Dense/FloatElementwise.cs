using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Functions of one and of two floats, the latter with broadcasting.</summary>
internal static unsafe class FloatElementwise
{
    public static DenseKernel Map(Func<float, float> function, int count) => DenseKernel.OfFloats((inputs, output) =>
    {
        var input = inputs[0];
        for (var i = 0; i < count; i++) output[i] = function(input[i]);
    }, count, count);

    public static DenseKernel Zip(Func<float, float, float> function, int[] a, int[] b, int[] shape)
    {
        var walk = StridedWalk.Of(shape, Broadcast(shape, shape), Broadcast(a, shape), Broadcast(b, shape));
        return new((inputs, output) =>
        {
            Span<long> offsets = stackalloc long[3];
            var (stepOut, stepA, stepB) = (walk.RunStrides[0] / 4, walk.RunStrides[1] / 4, walk.RunStrides[2] / 4);
            for (var run = 0; run < walk.Count; run++)
            {
                var count = walk.Run(run, offsets);
                var o = output + offsets[0] / 4;
                var x = inputs[0] + offsets[1] / 4;
                var y = inputs[1] + offsets[2] / 4;
                for (var i = 0; i < count; i++) o[i * stepOut] = function(x[i * stepA], y[i * stepB]);
            }
        }, walk.Span(0, sizeof(float)).High, walk.Span(1, sizeof(float)).High, walk.Span(2, sizeof(float)).High);
    }

    private static long[] Broadcast(int[] shape, int[] target)
    {
        var strides = TensorLayout.DenseStrides(shape, sizeof(float));
        var missing = target.Length - shape.Length;
        return [.. target.Select((_, axis) => axis < missing || shape[axis - missing] == 1 ? 0L : strides[axis - missing])];
    }
}
