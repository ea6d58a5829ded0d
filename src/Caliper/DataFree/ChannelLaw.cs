namespace Caliper.DataFree;

/// <summary>
/// How the values of a tensor are expected to be distributed, channel by channel: each value as a function of a standard deviate z of
/// <see cref="LogisticDistribution"/>. What a batch norm returns is β + |γ|·z; what a Relu makes of that is clipped, as in M. Nagel et al.,
/// "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019, appendix C.
/// </summary>
/// <param name="channels">Number of channels.</param>
/// <param name="at">The value of a channel at a deviate.</param>
internal sealed class ChannelLaw(int channels, Func<int, double, double> at)
{
    private (double Mean, double Variance)[]? _moments;

    /// <summary>Number of channels.</summary>
    public int Channels => channels;

    /// <summary>What is drawn: two laws of the same origin are functions of the same deviates, as x and sigmoid(x) are.</summary>
    public object Origin { get; private init; } = new();

    /// <summary>How many products lie between it and the batch norms that tell of it; each adds to what is only supposed: that what is summed
    /// is independent.</summary>
    public int Supposed { get; init; }

    /// <summary>The value of a channel at a deviate.</summary>
    public double At(int channel, double deviate) => at(channel, deviate);

    /// <summary>Mean and variance of each channel.</summary>
    public (double Mean, double Variance)[] Moments => _moments ??= [.. Enumerable.Range(0, channels).Select(MomentsOf)];

    /// <summary>Logistic distributions of these means and standard deviations.</summary>
    public static ChannelLaw Of(IReadOnlyList<double> means, IReadOnlyList<double> deviations, int supposed = 0) =>
        new(means.Count, (c, z) => means[c] + (deviations[c] * z)) { Supposed = supposed };

    /// <summary>The law of a function of each value.</summary>
    public ChannelLaw Through(Func<int, double, double> function) =>
        new(channels, (c, z) => function(c, at(c, z))) { Origin = Origin, Supposed = Supposed };

    /// <summary>The law of a function of the values of two laws of the same origin.</summary>
    public ChannelLaw With(ChannelLaw other, Func<double, double, double> function) =>
        new(channels, (c, z) => function(at(c, z), other.At(c, z))) { Origin = Origin, Supposed = Math.Max(Supposed, other.Supposed) };

    /// <summary>The same distributions of other values, as of a pool's windows.</summary>
    public ChannelLaw Redrawn() => new(channels, at) { Supposed = Supposed };

    /// <summary>Chosen channels.</summary>
    public ChannelLaw Pick(int[] chosen) => new(chosen.Length, (c, z) => at(chosen[c], z)) { Supposed = Supposed };

    /// <summary>As many channels as wanted, each with the values of all of these.</summary>
    public ChannelLaw Mixed(int count)
    {
        var each = LogisticDistribution.Quantiles(Math.Clamp((1 << 16) / channels, 16, 1024));
        double[] values = [.. Enumerable.Range(0, channels).SelectMany(c => each.Select(z => at(c, z))).Order()];
        return new(count, (_, z) => values[Math.Min(values.Length - 1, (int)(LogisticDistribution.Probability(z) * values.Length))])
        {
            Supposed = Supposed,
        };
    }

    /// <summary>The same shapes, stretched and moved to given means and standard deviations, within the bounds that they had.</summary>
    public ChannelLaw MovedTo(IReadOnlyList<double> means, IReadOnlyList<double> deviations)
    {
        var (own, bounds) = (Moments, Bounds);
        return new(channels, (c, z) =>
        {
            var stretch = own[c].Variance > 0 ? deviations[c] / Math.Sqrt(own[c].Variance) : 0;
            return Math.Clamp(means[c] + ((at(c, z) - own[c].Mean) * stretch), bounds[c].Least, bounds[c].Greatest);
        });
    }

    /// <summary>The sum of independent values: a logistic distribution, within the bounds of the sum.</summary>
    public static ChannelLaw Sum(ChannelLaw one, ChannelLaw other)
    {
        var (a, b) = (one.Moments, other.Moments);
        var (inOne, inOther) = (one.Bounds, other.Bounds);
        return new(one.Channels, (c, z) => Math.Clamp(a[c].Mean + b[c].Mean + (Math.Sqrt(a[c].Variance + b[c].Variance) * z),
            inOne[c].Least + inOther[c].Least, inOne[c].Greatest + inOther[c].Greatest))
        {
            Supposed = Math.Max(one.Supposed, other.Supposed),
        };
    }

    /// <summary>The product of independent values: the shape of the one that varies more, with the mean square of the product.</summary>
    public static ChannelLaw Product(ChannelLaw one, ChannelLaw other)
    {
        var (a, b) = (one.Moments, other.Moments);
        return new(one.Channels, (c, z) => a[c].Variance * Square(b[c].Mean) >= b[c].Variance * Square(a[c].Mean)
            ? one.At(c, z) * Math.Sign(b[c].Mean) * Math.Sqrt(b[c].Variance + Square(b[c].Mean))
            : other.At(c, z) * Math.Sign(a[c].Mean) * Math.Sqrt(a[c].Variance + Square(a[c].Mean)))
        {
            Supposed = Math.Max(one.Supposed, other.Supposed),
        };
    }

    private (double Least, double Greatest)[] Bounds => [.. Enumerable.Range(0, channels).Select(c =>
    {
        var (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var (z, _) in LogisticDistribution.Grid)
        {
            var value = at(c, z);
            (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        }
        return (least, greatest);
    })];

    private static double Square(double x) => x * x;

    private (double, double) MomentsOf(int channel)
    {
        var (sum, squares, origin) = (0d, 0d, at(channel, 0));
        foreach (var (z, weight) in LogisticDistribution.Grid)
        {
            var value = at(channel, z) - origin;
            sum += weight * value;
            squares += weight * value * value;
        }
        return (origin + sum, Math.Max(0, squares - (sum * sum)));
    }
}
