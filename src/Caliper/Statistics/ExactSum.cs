using System.Buffers.Binary;
using System.Numerics;

namespace Caliper.Statistics;

/// <summary>
/// A sum of doubles that is not rounded until it is read, so that it has the same bits in whatever order the terms came and
/// however the work was split. It is one long fixed-point number: 32-bit digits in 64-bit places, of which the upper halves
/// collect carries (a "superaccumulator", Kulisch 1971).
/// </summary>
internal sealed class ExactSum
{
    // Terms are sums of float32 values (2⁻¹⁴⁹ to 2¹²⁸) and of their squares, over up to 2⁶³ of them.
    private const int LowestBit = -320, Digits = 22, BitsPerDigit = 32;

    /// <summary>A term changes a place by less than 2³², so that this many leave room in 63 bits.</summary>
    private const int TermsBetweenCarries = 1 << 29;

    private readonly long[] _places = new long[Digits];
    private int _terms;

    /// <summary>Adds a finite double. What lies below 2⁻³²⁰ is cut off, term by term, whatever the order.</summary>
    public void Add(double term)
    {
        if (term == 0) return;
        var bits = BitConverter.DoubleToInt64Bits(term);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = (ulong)(exponent == 0 ? bits & 0xF_FFFF_FFFF_FFFF : (bits & 0xF_FFFF_FFFF_FFFF) | 0x10_0000_0000_0000);
        var shift = Math.Max(exponent, 1) - 1075 - LowestBit;
        if (shift < 0)
        {
            if (shift <= -64) return;
            (mantissa, shift) = (mantissa >> -shift, 0);
        }
        var (place, within) = Math.DivRem(shift, BitsPerDigit);
        if (place + 2 >= Digits) throw new ArgumentOutOfRangeException(nameof(term), "The term exceeds what squares of floats add up to.");
        // 53 bits, moved by up to 31, are three digits.
        var (lower, sign) = (mantissa << within, bits < 0 ? -1L : 1L);
        _places[place] += sign * (uint)lower;
        _places[place + 1] += sign * (uint)(lower >> BitsPerDigit);
        if (within > 0) _places[place + 2] += sign * (long)(mantissa >> (64 - within));
        if (++_terms >= TermsBetweenCarries) Carry();
    }

    /// <summary>Adds another sum. That one does not change: several threads may read it at a time.</summary>
    public void Add(ExactSum other)
    {
        Carry();
        var places = other.Carried();
        for (var i = 0; i < Digits; i++) _places[i] += places[i];
        Carry();
    }

    /// <summary>The sum, rounded once.</summary>
    public double ToDouble()
    {
        var value = ToInteger();
        var bits = (int)BigInteger.Abs(value).GetBitLength();
        // BigInteger's own conversion truncates; 64 leading bits and a sticky one round as they should.
        var drop = Math.Max(0, bits - 62);
        var head = (long)(value >> drop);
        if (drop > 0 && (head << drop) != value) head |= 1;
        return Math.ScaleB((double)head, drop + LowestBit);
    }

    /// <summary>The only writing of a sum: its bytes as a signed little-endian number in units of 2⁻³²⁰, trailing zero bytes
    /// cut off and counted.</summary>
    public void Write(BinaryWriter writer)
    {
        var value = ToInteger();
        var zeroBytes = value.IsZero ? 0 : (int)(TrailingZeros(value) / 8);
        var bytes = (value >> (8 * zeroBytes)).ToByteArray();
        writer.Write((byte)zeroBytes);
        writer.Write((byte)bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such number.</exception>
    public static ExactSum Read(BinaryReader reader)
    {
        int zeroBytes = reader.ReadByte(), length = reader.ReadByte();
        var value = new BigInteger(reader.ReadBytes(length)) << (8 * zeroBytes);
        if (value.GetBitLength() > (Digits - 1) * BitsPerDigit) throw new InvalidDataException("a sum is too large");
        var sum = new ExactSum();
        for (var i = 0; i < Digits; i++, value >>= BitsPerDigit)
            sum._places[i] = i == Digits - 1 ? (long)value : (long)(uint)(value & uint.MaxValue);
        return sum;
    }

    private static long TrailingZeros(BigInteger value)
    {
        var bytes = value.ToByteArray();
        var index = Array.FindIndex(bytes, b => b != 0);
        return index * 8L;
    }

    private BigInteger ToInteger()
    {
        var places = Carried();
        Span<byte> bytes = stackalloc byte[Digits * 4 + 4];
        for (var i = 0; i < Digits - 1; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], (uint)places[i]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(4 * (Digits - 1))..], places[Digits - 1]);
        return new BigInteger(bytes);
    }

    private void Carry()
    {
        Carry(_places);
        _terms = 0;
    }

    private long[] Carried()
    {
        long[] places = [.. _places];
        Carry(places);
        return places;
    }

    /// <summary>Makes every place but the last a digit from 0 to 2³² - 1; the last keeps the sign.</summary>
    private static void Carry(Span<long> places)
    {
        for (var i = 0; i < Digits - 1; i++)
        {
            places[i + 1] += places[i] >> BitsPerDigit;
            places[i] &= uint.MaxValue;
        }
    }
}
