using System.Text.Json;
using Caliper.Graphs;

namespace Caliper.Torch.Tests;

/// <summary>Tensors as plain numbers, to compare with what PyTorch wrote down.</summary>
internal static class TensorValues
{
    /// <summary>Every element as a double, which holds the values of all fixtures exactly.</summary>
    public static double[] ToDoubles(this Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => Convert<float>(tensor, v => v),
        ElementType.Float64 => Convert<double>(tensor, v => v),
        ElementType.Float16 => Convert<Half>(tensor, v => (double)v),
        ElementType.BFloat16 => Convert<ushort>(tensor, v => BitConverter.UInt32BitsToSingle((uint)v << 16)),
        ElementType.Int8 => Convert<sbyte>(tensor, v => v),
        ElementType.UInt8 => Convert<byte>(tensor, v => v),
        ElementType.Int16 => Convert<short>(tensor, v => v),
        ElementType.Int32 => Convert<int>(tensor, v => v),
        ElementType.Int64 => Convert<long>(tensor, v => v),
        ElementType.Boolean => Convert<bool>(tensor, v => v ? 1 : 0),
        _ => throw new NotSupportedException(tensor.Type.ToString()),
    };

    public static double[] Doubles(JsonElement array) =>
        [.. array.EnumerateArray().Select(e => e.ValueKind is JsonValueKind.Number ? e.GetDouble() : e.GetBoolean() ? 1 : 0)];

    public static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt64())];

    private static double[] Convert<T>(Tensor tensor, Func<T, double> value) where T : unmanaged =>
        [.. tensor.Span<T>().ToArray().Select(value)];
}
