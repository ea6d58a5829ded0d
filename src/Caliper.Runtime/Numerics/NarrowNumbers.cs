using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>What the elements of stored tensors stand for, whatever their format: integers of 2 to 32 bits, and the floats of 4, 8 and 16 bits
/// of the ONNX standard (OCP Microscaling Formats 1.0; "FP8 formats for deep learning", arXiv 2209.05433; the FNUZ kinds, arXiv
/// 2206.02915).</summary>
internal static class NarrowNumbers
{
    private static readonly float[] Float4 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    private static readonly float[] E4M3Fn = Table(b => (b & 0x7F) == 0x7F ? float.NaN : Value(b, mantissaBits: 3, bias: 7));
    private static readonly float[] E4M3Fnuz = Table(b => b == 0x80 ? float.NaN : Value(b, mantissaBits: 3, bias: 8));
    private static readonly float[] E5M2 = Table(b => (float)BitConverter.UInt16BitsToHalf((ushort)(b << 8)));
    private static readonly float[] E5M2Fnuz = Table(b => b == 0x80 ? float.NaN : Value(b, mantissaBits: 2, bias: 16));
    private static readonly float[] E8M0 = Table(b => b == 0xFF ? float.NaN : MathF.ScaleB(1, b - 127));

    /// <summary>Whether <see cref="Of"/> knows the type.</summary>
    public static bool Knows(ElementType type) => Reader(type) is not null;

    /// <summary>The numbers; exact but for int32 beyond 24 bits, which round to the nearest double first.</summary>
    /// <exception cref="CaliperException">The type holds no numbers that are known here.</exception>
    public static double[] Of(Tensor tensor)
    {
        var read = Reader(tensor.Type) ?? throw new CaliperException($"Elements of {tensor.Type} are not read as numbers.");
        var (bytes, numbers) = (tensor.Bytes, new double[tensor.Count]);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = read(bytes.Span, i);
        return numbers;
    }

    private delegate double Read(ReadOnlySpan<byte> bytes, int index);

    private static Read? Reader(ElementType type) => type switch
    {
        ElementType.Float32 => (b, i) => BitConverter.ToSingle(b[(4 * i)..]),
        ElementType.Float16 => (b, i) => (double)BitConverter.ToHalf(b[(2 * i)..]),
        ElementType.BFloat16 => (b, i) => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(b[(2 * i)..]) << 16),
        ElementType.Int32 => (b, i) => BitConverter.ToInt32(b[(4 * i)..]),
        ElementType.Int16 => (b, i) => BitConverter.ToInt16(b[(2 * i)..]),
        ElementType.UInt16 => (b, i) => BitConverter.ToUInt16(b[(2 * i)..]),
        ElementType.Int8 => (b, i) => (sbyte)b[i],
        ElementType.UInt8 => (b, i) => b[i],
        ElementType.Int4 => (b, i) => Signed(Bits(b, i, 4), 4),
        ElementType.UInt4 => (b, i) => Bits(b, i, 4),
        ElementType.Int2 => (b, i) => Signed(Bits(b, i, 2), 2),
        ElementType.UInt2 => (b, i) => Bits(b, i, 2),
        ElementType.Float4E2M1 => (b, i) => Float4[Bits(b, i, 4)],
        ElementType.Float8E4M3FN => (b, i) => E4M3Fn[b[i]],
        ElementType.Float8E4M3FNUZ => (b, i) => E4M3Fnuz[b[i]],
        ElementType.Float8E5M2 => (b, i) => E5M2[b[i]],
        ElementType.Float8E5M2FNUZ => (b, i) => E5M2Fnuz[b[i]],
        ElementType.Float8E8M0 => (b, i) => E8M0[b[i]],
        _ => null,
    };

    /// <summary>Elements of less than a byte, the first in the lowest bits.</summary>
    private static int Bits(ReadOnlySpan<byte> bytes, int index, int bits) =>
        bytes[index * bits / 8] >> (index * bits % 8) & ((1 << bits) - 1);

    private static int Signed(int value, int bits) => value >= 1 << (bits - 1) ? value - (1 << bits) : value;

    private static float Value(int bits, int mantissaBits, int bias)
    {
        var exponent = (bits & 0x7F) >> mantissaBits;
        var mantissa = bits & ((1 << mantissaBits) - 1);
        var magnitude = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return (bits & 0x80) == 0 ? magnitude : -magnitude;
    }

    private static float[] Table(Func<int, float> value) => [.. Enumerable.Range(0, 256).Select(value)];
}
