using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>The integers that quantized values are stored as, and the part of their range that is used.</summary>
public readonly record struct QuantizedType
{
    /// <summary>Creates a type.</summary>
    /// <param name="storage"><see cref="ElementType.UInt8"/>, <see cref="ElementType.Int8"/>, <see cref="ElementType.UInt16"/> or
    /// <see cref="ElementType.Int32"/>.</param>
    /// <param name="min">The least integer used.</param>
    /// <param name="max">The greatest integer used.</param>
    /// <exception cref="CaliperException">The storage is another type, or the range is empty or does not fit it.</exception>
    public QuantizedType(ElementType storage, int min, int max)
    {
        var (low, high) = RangeOf(storage);
        if (min >= max)
            throw new CaliperException($"The quantized range {min}..{max} is empty: its minimum must be less than its maximum.");
        if (min < low || max > high)
            throw new CaliperException($"The quantized range {min}..{max} does not fit {storage}, which holds {low}..{high}.");
        (Storage, Min, Max) = (storage, min, max);
    }

    /// <summary>Unsigned 8 bits, 0..255; PyTorch's <c>quint8</c>.</summary>
    public static QuantizedType QUInt8 { get; } = new(ElementType.UInt8, byte.MinValue, byte.MaxValue);

    /// <summary>Signed 8 bits, -128..127; PyTorch's <c>qint8</c>.</summary>
    public static QuantizedType QInt8 { get; } = new(ElementType.Int8, sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Unsigned 16 bits, 0..65535; for activations of which 256 values are too few.</summary>
    public static QuantizedType QUInt16 { get; } = new(ElementType.UInt16, ushort.MinValue, ushort.MaxValue);

    /// <summary>Signed 32 bits, all of them; PyTorch's <c>qint32</c>; what a bias is stored as.</summary>
    public static QuantizedType QInt32 { get; } = new(ElementType.Int32, int.MinValue, int.MaxValue);

    /// <summary>The full range of a storage type.</summary>
    /// <exception cref="CaliperException">Quantized values are not stored as <paramref name="storage"/>.</exception>
    public static QuantizedType Of(ElementType storage)
    {
        var (low, high) = RangeOf(storage);
        return new(storage, low, high);
    }

    /// <summary>The element type of a tensor of such values.</summary>
    public ElementType Storage { get; }

    /// <summary>The least integer used; PyTorch's <c>quant_min</c>.</summary>
    public int Min { get; }

    /// <summary>The greatest integer used; PyTorch's <c>quant_max</c>.</summary>
    public int Max { get; }

    /// <summary>Whether somebody asked for <see cref="Min"/> and <see cref="Max"/>, be they the type's own: PyTorch then puts the zero point of a
    /// symmetric scheme in their middle, 127 for 0..255, and at 128 where nobody chose. Types of the same integers are equal either way.</summary>
    public bool IsChosen { get; private init; }

    /// <summary>How many different values there are.</summary>
    public long Levels => (long)Max - Min + 1;

    /// <summary>Bits that one stored value takes.</summary>
    public int Bits => Storage.BitsPerElement();

    /// <summary>The same storage with another range.</summary>
    /// <exception cref="CaliperException">The range is empty or does not fit.</exception>
    public QuantizedType WithRange(int min, int max) => new(Storage, min, max) { IsChosen = true };

    /// <summary>
    /// One bit less, as PyTorch's <c>reduce_range</c> does it: both ends halved, rounding down (0..127, -64..63). Engines
    /// that add pairs of products in 16 bits need it on CPUs without VNNI; ours does not.
    /// </summary>
    public QuantizedType Reduced() => new(Storage, Min >> 1, Max >> 1) { IsChosen = true };

    /// <summary>Whether both have the same integers.</summary>
    public bool Equals(QuantizedType other) => (Storage, Min, Max) == (other.Storage, other.Min, other.Max);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Storage, Min, Max);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Storage} {Min}..{Max}");

    private static (int Low, int High) RangeOf(ElementType storage) => storage switch
    {
        ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        _ => throw new CaliperException($"Quantized values are stored as UInt8, Int8, UInt16 or Int32, not as {storage}."),
    };
}
