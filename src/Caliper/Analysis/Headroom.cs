namespace Caliper.Analysis;

/// <summary>
/// Proof from real weights and observed inputs that a layer's integer sums cannot overflow, and where engines of other kinds could
/// saturate. Bounds hold for every input whose levels lie between the least and the greatest observed.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="GreatestSum">Greatest magnitude that an int32 sum with its bias can take.</param>
/// <param name="GreatestBias">Greatest magnitude of a bias in int32.</param>
/// <param name="PairChannels">Output channels in which two neighbouring products can exceed int16, as x86 CPUs without VNNI add them
/// (<c>vpmaddubsw</c>) where an engine takes that shortcut. Caliper's does not.</param>
/// <param name="DeadChannels">Output channels whose int8 weights are all zero.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="ScaleRatio">Greatest weight scale over the least, among channels that are not dead; 1 for a shared scale.</param>
public sealed record Headroom(string Layer, long GreatestSum, long GreatestBias, int PairChannels, int DeadChannels, int Channels, double ScaleRatio)
{
    /// <summary>Bits of int32 that no sum reaches: 0 or less where one can overflow.</summary>
    public double SpareBits => 31 - Math.Log2(Math.Max(1, GreatestSum));

    /// <summary>Bounds of one layer.</summary>
    /// <param name="weights">Int8 weights of one output channel after the other, in the order in which inputs meet them.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="bias">Int32 biases, one for each channel; empty for none.</param>
    /// <param name="scales">Scales of the weights.</param>
    /// <param name="lowest">Least input level, less its zero point.</param>
    /// <param name="highest">Greatest input level, less its zero point.</param>
    /// <param name="layer">The layer's name.</param>
    internal static Headroom Of(string layer, ReadOnlySpan<int> weights, int channels, ReadOnlySpan<int> bias,
        ReadOnlySpan<float> scales, int lowest, int highest)
    {
        // Engines with unsigned inputs add products of the levels themselves; the zero point leaves the sum elsewhere.
        const int HighestByte = byte.MaxValue;
        var count = weights.Length / channels;
        long greatest = 0, greatestBias = 0;
        int pairs = 0, dead = 0;
        var (narrow, wide) = (float.PositiveInfinity, 0f);
        for (var c = 0; c < channels; c++)
        {
            var kernel = weights.Slice(c * count, count);
            long least = bias.IsEmpty ? 0 : bias[c], most = least;
            greatestBias = Math.Max(greatestBias, Math.Abs(least));
            foreach (var w in kernel)
            {
                least += Math.Min((long)w * lowest, (long)w * highest);
                most += Math.Max((long)w * lowest, (long)w * highest);
            }
            greatest = Math.Max(greatest, Math.Max(Math.Abs(least), Math.Abs(most)));
            if (CanSaturate(kernel, HighestByte)) pairs++;
            if (kernel.IndexOfAnyExcept(0) < 0)
            {
                dead++;
                continue;
            }
            var scale = scales[scales.Length == 1 ? 0 : c];
            (narrow, wide) = (MathF.Min(narrow, scale), MathF.Max(wide, scale));
        }
        return new Headroom(layer, greatest, greatestBias, pairs, dead, channels, wide > 0 ? wide / narrow : 1);
    }

    private static bool CanSaturate(ReadOnlySpan<int> kernel, int highest)
    {
        for (var i = 0; i + 1 < kernel.Length; i += 2)
        {
            var (a, b) = (kernel[i], kernel[i + 1]);
            if ((Math.Max(a, 0) + Math.Max(b, 0)) * highest > short.MaxValue || (Math.Min(a, 0) + Math.Min(b, 0)) * highest < short.MinValue)
                return true;
        }
        return false;
    }
}
