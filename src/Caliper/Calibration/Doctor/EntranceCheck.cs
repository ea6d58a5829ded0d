using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// The means and the scale of an input against those of training. Where the input looks like pixels, because its ends are what
/// black and white became, other conventions are tried, and the one that fits much better is named.
/// </summary>
internal static class EntranceCheck
{
    /// <summary>How far means may be off, in standard deviations of the input. Right data was measured at 0.1 to 0.3 (padding in
    /// training darkens; other pictures), a missing mean at 1.5 to 3.</summary>
    public const double MaxShift = 1;

    /// <summary>How many times more or less responses may vary. Right data: 0.68 to 0.89; levels times 1/255 without mean and
    /// standard deviation: 0.2 to 0.47; raw levels: 50 to 130.</summary>
    public const double MaxSpread = 2;

    /// <summary>A misfit that is suspicious only where a convention fits far better. Right data: 0.02 to 0.17.</summary>
    private const double SuspiciousScore = 0.4, FarBetterShare = 0.125;

    /// <summary>A convention is named where its misfit is below this, and this share of the present one.</summary>
    private const double GoodScore = 0.5, BetterShare = 0.25;

    public static Diagnostic? Of(FirstLayer first)
    {
        var channels = first.Value.All.Channels;
        if (channels.All(c => c.Variance == 0)) return null;
        var means = channels.Select(c => c.Mean).ToArray();
        var present = Score(first.Fit.Misfit(means), first.Spread);
        var (formula, score) = Candidate(first);
        var best = first.Fit.Best();
        var isWrong = first.Spread is < 1 / MaxSpread or > MaxSpread || IsShifted(channels, best)
            || (present > SuspiciousScore && score < FarBetterShare * present);
        if (!isWrong) return null;
        var trained = best is var (expected, _) ? $", in training they had {Wording.Numbers(expected)}" : "";
        return new Diagnostic("input-normalization", first.Input,
            $"Its channels have means {Wording.Numbers(means)}{trained}; "
            + $"{(first.Layer == first.Input ? "they vary" : $"what '{first.Layer}' makes of them varies")} "
            + $"{Wording.Number(first.Spread)} times as much as in training.",
            "Preprocess the data as the network was trained (scale, mean, standard deviation)"
            + (score < GoodScore && score < BetterShare * present ? $"; {formula} would fit." : "."));
    }

    private static bool IsShifted(IReadOnlyList<ChannelStatistics> channels, (double[] Means, double[] Errors)? best) =>
        best is var (means, errors) && Enumerable.Range(0, means.Length).Any(c =>
        {
            var deviation = Math.Sqrt(channels[c].Variance);
            return errors[c] < 0.25 * deviation && Math.Abs(channels[c].Mean - means[c]) > MaxShift * deviation;
        });

    /// <summary>The convention that fits best when it is applied to the pixels that the data seems to be made of.</summary>
    private static (string Formula, double Score) Candidate(FirstLayer first)
    {
        var channels = first.Value.All.Channels;
        if (channels.Length is not (1 or 3) || channels.Any(c => c.Min >= c.Max)) return ("", double.PositiveInfinity);
        var pixels = channels.Select(c => (c.Mean - c.Min) / ((double)c.Max - c.Min)).ToArray();
        var (best, score) = PixelConvention.For(channels.Length).Select(c => (Convention: c, Score: ScoreOf(c))).MinBy(c => c.Score);
        var isReversed = ChannelOrderCheck.FitReversed(first.Fit, best.Means(pixels), best.Means([.. pixels.Reverse()]),
            [.. channels.Select((_, c) => best.Width(c))], ChannelOrderCheck.MinAdvantage);
        return (best.Formula + (isReversed ? " with the channels in reverse order" : ""), score);

        double ScoreOf(PixelConvention convention) => Score(first.Fit.Misfit(convention.Means(pixels)),
            first.Spread * channels.Index().Average(c => convention.Width(c.Index) / ((double)c.Item.Max - c.Item.Min)));
    }

    /// <summary>0 for a perfect fit; 1 for a mean one deviation off, or a scale off by e.</summary>
    private static double Score(double misfit, double spread) => (misfit * misfit) + Math.Pow(Math.Log(spread), 2);
}
