namespace Caliper.Statistics;

/// <summary>
/// The values from <paramref name="Lower"/> to <paramref name="Upper"/>. Bins are the floats that share their upper 16 bits
/// (sign, exponent and 7 bits of the mantissa, a bfloat16 prefix), so a bin is a power of two wide, its place does not depend
/// on any other value, and the bins of two parts of some data simply add up.
/// </summary>
/// <param name="Lower">The least value that falls into the bin.</param>
/// <param name="Upper">The greatest value that falls into the bin.</param>
/// <param name="Count">How many did.</param>
public readonly record struct HistogramBin(float Lower, float Upper, long Count)
{
    /// <summary>Number of prefixes there are.</summary>
    internal const int Prefixes = 1 << 16;

    /// <summary>The prefix of the negative numbers: ascending prefixes from here on are descending values.</summary>
    internal const int Negative = 1 << 15;

    /// <summary>The first prefix of infinity and NaN.</summary>
    internal const int NotFinite = 0x7F80;

    internal static int PrefixOf(float value) => (int)(BitConverter.SingleToUInt32Bits(value) >> 16);

    internal static HistogramBin Of(int prefix, long count)
    {
        var nearest = BitConverter.UInt32BitsToSingle((uint)prefix << 16);
        var farthest = BitConverter.UInt32BitsToSingle((uint)prefix << 16 | 0xFFFF);
        return prefix < Negative ? new(nearest, farthest, count) : new(farthest, nearest, count);
    }
}
