using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>Brings weights of any float type to float32.</summary>
internal static class FloatConversion
{
    public static bool IsFloat(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;

    public static Tensor ToFloat32(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float64 => Convert<double>(tensor, v => (float)v),
        ElementType.Float16 => Convert<Half>(tensor, v => (float)v),
        ElementType.BFloat16 => Convert<ushort>(tensor, v => BitConverter.UInt32BitsToSingle((uint)v << 16)),
        _ => tensor,
    };

    private static Tensor Convert<T>(Tensor tensor, Func<T, float> convert) where T : unmanaged
    {
        var from = tensor.Span<T>();
        var to = new float[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = convert(from[i]);
        return Tensor.Of(tensor.Shape, to);
    }
}
