using Caliper.Graphs;

namespace Caliper.Conformance.Onnx;

/// <summary>Tensors to feed: always the same for the same shape.</summary>
internal static class Some
{
    public static Tensor Floats(params long[] lengths) => Make(lengths, i => (float)Math.Sin(i * 1.7 + 0.3) * 2);

    public static Tensor Positive(params long[] lengths) => Make(lengths, i => 0.5f + i % 7);

    public static Tensor Bytes(params long[] lengths) => Make(lengths, i => (byte)(i * 37 % 256));

    public static Tensor Bools(params long[] lengths) => Make(lengths, i => i % 3 == 0);

    public static Tensor Ints(params long[] values) => Tensor.Vector(values);

    private static Tensor Make<T>(long[] lengths, Func<int, T> element) where T : unmanaged
    {
        var shape = Shape.Of(lengths);
        return Tensor.Of(shape, Enumerable.Range(0, (int)shape.ElementCount).Select(element).ToArray());
    }
}
