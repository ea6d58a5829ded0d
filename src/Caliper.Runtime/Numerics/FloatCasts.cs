using System.Numerics;
using System.Runtime.InteropServices;
using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>Between float32, in which Caliper computes and compares, and the other types of real numbers at a network's borders.</summary>
internal static class FloatCasts
{
    /// <summary>Whether a type holds real numbers in 16 bits.</summary>
    public static bool IsHalf(ElementType type) => type is ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Whether a type holds real numbers that convert.</summary>
    public static bool IsFloat(ElementType type) => IsHalf(type) || type is ElementType.Float32 or ElementType.Float64;

    /// <summary>A tensor in the type that is wanted, where both are types of real numbers; else as it is.</summary>
    public static Tensor Fit(Tensor tensor, ElementType wanted) =>
        tensor.Type == wanted || !IsFloat(tensor.Type) || !IsFloat(wanted) ? tensor : To(ToSingle(tensor), wanted);

    /// <summary>A tensor of numbers as float32.</summary>
    /// <exception cref="CaliperException">It holds something else.</exception>
    public static Tensor ToSingle(Tensor tensor)
    {
        if (tensor.Type == ElementType.Float32) return tensor;
        return Tensor.Of(tensor.Shape, tensor.Type switch
        {
            ElementType.Float16 => Converted<Half, float>(tensor.Span<Half>()),
            ElementType.BFloat16 => Array.ConvertAll(tensor.Span<ushort>().ToArray(), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            ElementType.Float64 => Converted<double, float>(tensor.Span<double>()),
            ElementType.Int64 => Converted<long, float>(tensor.Span<long>()),
            ElementType.Int32 => Converted<int, float>(tensor.Span<int>()),
            ElementType.Int8 => Converted<sbyte, float>(tensor.Span<sbyte>()),
            ElementType.UInt8 or ElementType.Boolean => Converted<byte, float>(tensor.Bytes.Span),
            _ => throw new CaliperException($"A tensor of {tensor.Type} elements cannot be compared as numbers."),
        });
    }

    private static Tensor To(Tensor floats, ElementType wanted)
    {
        var values = floats.Span<float>();
        if (wanted == ElementType.Float16) return Tensor.Of(floats.Shape, Converted<float, Half>(values));
        if (wanted == ElementType.Float64) return Tensor.Of(floats.Shape, Converted<float, double>(values));
        if (wanted != ElementType.BFloat16) return floats;
        var bits = Array.ConvertAll(values.ToArray(), UpperHalf);
        return new Tensor(wanted, floats.Shape, MemoryMarshal.AsBytes<ushort>(bits).ToArray());
    }

    private static TTo[] Converted<TFrom, TTo>(ReadOnlySpan<TFrom> from) where TFrom : INumberBase<TFrom> where TTo : INumberBase<TTo>
    {
        var to = new TTo[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = TTo.CreateTruncating(from[i]);
        return to;
    }

    /// <summary>Rounded to the nearest, ties to even.</summary>
    private static ushort UpperHalf(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}
