namespace Caliper.Graphs;

/// <summary>The element types of ONNX tensors; the values are those of <c>TensorProto.DataType</c>.</summary>
public enum ElementType
{
    /// <summary>Not known.</summary>
    Undefined = 0,
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,
    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,
    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,
    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,
    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,
    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,
    /// <summary>UTF-8 text; carried through files, never computed with.</summary>
    String = 8,
    /// <summary>One byte, 0 or 1.</summary>
    Boolean = 9,
    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,
    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 11,
    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,
    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,
    /// <summary>Two binary32.</summary>
    Complex64 = 14,
    /// <summary>Two binary64.</summary>
    Complex128 = 15,
    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,
    /// <summary>8-bit float, 4 exponent bits, finite only.</summary>
    Float8E4M3FN = 17,
    /// <summary>8-bit float, 4 exponent bits, no negative zero.</summary>
    Float8E4M3FNUZ = 18,
    /// <summary>8-bit float, 5 exponent bits.</summary>
    Float8E5M2 = 19,
    /// <summary>8-bit float, 5 exponent bits, no negative zero.</summary>
    Float8E5M2FNUZ = 20,
    /// <summary>Unsigned 4-bit integer, two a byte, low half first.</summary>
    UInt4 = 21,
    /// <summary>Signed 4-bit integer, two a byte, low half first.</summary>
    Int4 = 22,
    /// <summary>4-bit float, two a byte, low half first.</summary>
    Float4E2M1 = 23,
    /// <summary>A power of two, an exponent of 8 bits and nothing else; scales of blocks.</summary>
    Float8E8M0 = 24,
    /// <summary>Unsigned 2-bit integer, four a byte, lowest bits first.</summary>
    UInt2 = 25,
    /// <summary>Signed 2-bit integer, four a byte, lowest bits first.</summary>
    Int2 = 26,
}

/// <summary>Sizes of element types.</summary>
public static class ElementTypes
{
    /// <summary>Bits that one element takes; 0 for <see cref="ElementType.String"/> and <see cref="ElementType.Undefined"/>.</summary>
    public static int BitsPerElement(this ElementType type) => type switch
    {
        ElementType.UInt2 or ElementType.Int2 => 2,
        ElementType.UInt4 or ElementType.Int4 or ElementType.Float4E2M1 => 4,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Boolean or ElementType.Float8E4M3FN
            or ElementType.Float8E4M3FNUZ or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ
            or ElementType.Float8E8M0 => 8,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="count"/> elements take, the last byte of a narrower type padded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than none.</exception>
    /// <exception cref="OverflowException">They take more bytes than a long can say.</exception>
    public static long ByteCount(this ElementType type, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return checked((count * type.BitsPerElement() + 7) / 8);
    }

    /// <summary>The element type that stores <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is no element type.</exception>
    public static ElementType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return ElementType.Float32;
        if (typeof(T) == typeof(byte)) return ElementType.UInt8;
        if (typeof(T) == typeof(sbyte)) return ElementType.Int8;
        if (typeof(T) == typeof(int)) return ElementType.Int32;
        if (typeof(T) == typeof(long)) return ElementType.Int64;
        if (typeof(T) == typeof(bool)) return ElementType.Boolean;
        if (typeof(T) == typeof(double)) return ElementType.Float64;
        if (typeof(T) == typeof(Half)) return ElementType.Float16;
        if (typeof(T) == typeof(short)) return ElementType.Int16;
        if (typeof(T) == typeof(ushort)) return ElementType.UInt16;
        if (typeof(T) == typeof(uint)) return ElementType.UInt32;
        if (typeof(T) == typeof(ulong)) return ElementType.UInt64;
        throw new NotSupportedException($"{typeof(T)} is not the element type of any tensor.");
    }
}
