using System.Buffers.Binary;
using System.Numerics;

namespace Caliper.Statistics;

/// <summary>
/// A sum of doubles that is not rounded until it is read, so that it has the same bits in whatever order the terms came and
/// however the work was split. It is one long fixed-point number: 32-bit digits in 64-bit places, of which the upper halves
/// collect carries (a "superaccumulator", Kulisch 1971). Only the places between the least and the greatest that were met are there: there is a
/// sum for each channel of each tensor.
/// </summary>
internal sealed class ExactSum
{
    // Terms are sums of float32 values (2⁻¹⁴⁹ to 2¹²⁸) and of their squares, over up to 2⁶³ of them.
    private const int LowestBit = -320, Digits = 22, BitsPerDigit = 32;

    /// <summary>A term changes a place by less than 2³², so that this many leave room in 63 bits.</summary>
    private const int TermsBetweenCarries = 1 << 29;

    private long[] _places = [];
    private int _first, _terms;

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
        Reach(place, place + 3);
        var at = place - _first;
        _places[at] += sign * (uint)lower;
        _places[at + 1] += sign * (uint)(lower >> BitsPerDigit);
        if (within > 0) _places[at + 2] += sign * (long)(mantissa >> (64 - within));
        if (++_terms >= TermsBetweenCarries) Carry();
    }

    /// <summary>Adds another sum. That one does not change: several threads may read it at a time.</summary>
    public void Add(ExactSum other)
    {
        Carry();
        var carried = other.Carried();
        Reach(carried._first, carried._first + carried._places.Length);
        for (var i = 0; i < carried._places.Length; i++) _places[carried._first - _first + i] += carried._places[i];
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
        var (first, bytes) = Math.DivRem(zeroBytes, BitsPerDigit / 8);
        var value = new BigInteger(reader.ReadBytes(length)) << (8 * bytes);
        var bits = value.GetBitLength() + first * BitsPerDigit;
        if (bits > (Digits - 1) * BitsPerDigit) throw new InvalidDataException("a sum is too large");
        var sum = new ExactSum();
        if (value.IsZero) return sum;
        sum.Reach(first, (int)(bits / BitsPerDigit) + 1);
        for (var i = 0; i < sum._places.Length; i++, value >>= BitsPerDigit)
            sum._places[i] = i == sum._places.Length - 1 ? (long)value : (long)(uint)(value & uint.MaxValue);
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
        var carried = Carried();
        var (first, places) = (carried._first, carried._places);
        if (places.Length == 0) return BigInteger.Zero;
        Span<byte> bytes = stackalloc byte[Digits * 4 + 4];
        for (var i = 0; i < places.Length - 1; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], (uint)places[i]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(4 * (places.Length - 1))..], places[^1]);
        return new BigInteger(bytes[..(4 * places.Length + 4)]) << (first * BitsPerDigit);
    }

    private ExactSum Carried()
    {
        var copy = new ExactSum { _places = [.. _places], _first = _first };
        copy.Carry();
        return copy;
    }

    /// <summary>Makes every place but the last a digit from 0 to 2³² - 1; the last keeps the sign, and another follows where it is more.</summary>
    private void Carry()
    {
        for (var i = 0; i < _places.Length; i++)
        {
            var carry = _places[i] >> BitsPerDigit;
            if (i == _places.Length - 1)
            {
                if (carry is 0 or -1 || _first + i == Digits - 1) break;
                Reach(_first, _first + i + 2);
            }
            _places[i + 1] += carry;
            _places[i] &= uint.MaxValue;
        }
        _terms = 0;
    }

    /// <summary>Makes room for some places. A sum that has carried has its sign in the last: where others follow, they are its digits.</summary>
    private void Reach(int first, int end)
    {
        if (_places.Length > 0) (first, end) = (Math.Min(first, _first), Math.Max(end, _first + _places.Length));
        if (end - first == _places.Length) return;
        var places = new long[end - first];
        _places.CopyTo(places, _places.Length > 0 ? _first - first : 0);
        (_places, _first) = (places, first);
    }
}
