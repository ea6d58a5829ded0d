using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Whether the three channels of an input would fit the training data far better in reverse order (BGR for RGB). Only the mean
/// colour can tell, brightness left aside; the data must have the tint that the training data had, as natural photographs have, and
/// both halves of it must agree.
/// </summary>
internal static class ChannelOrderCheck
{
    /// <summary>How many times better the other order must fit, and how bad the present one must be at least, in standard
    /// deviations of the first layer's responses. In wrong order photographs were measured 2.8 to 5.9 times as far off (0.14 to
    /// 0.23), pictures of another kind than in training 1.8 times.</summary>
    public const double MinAdvantage = 2.5, MinMisfit = 0.1;

    /// <summary>As <see cref="MinAdvantage"/>, for each half of the data.</summary>
    public const double MinAdvantageOfHalf = 1.25;

    private const int MinSamples = 16;

    public static Diagnostic? Of(FirstLayer first)
    {
        var value = first.Value;
        if (value.All.Samples < MinSamples || value.All.Channels.Length != 3 || first.Fit.Best() is not var (means, _)) return null;
        if (!IsReversed(first.Fit, value.All, value.All, MinAdvantage)) return null;
        if (!IsReversed(first.Fit, value.FirstHalf, value.All, MinAdvantageOfHalf)
            || !IsReversed(first.Fit, value.SecondHalf, value.All, MinAdvantageOfHalf)) return null;
        return new Diagnostic("channel-order", first.Input,
            $"Its channels have means {Wording.Numbers([.. value.All.Channels.Select(c => c.Mean)])}, in training they had {Wording.Numbers(means)}: "
                + "in reverse order they would fit much better.",
            "Check whether the network wants RGB or BGR.");
    }

    /// <summary>Whether some means are of a colour that fits badly, and others of one that fits far better.</summary>
    /// <param name="fit">What training says about means.</param>
    /// <param name="means">The means as they are.</param>
    /// <param name="reversed">The means in another order.</param>
    /// <param name="brightness">How the channels change where the picture gets brighter.</param>
    /// <param name="advantage">How many times better.</param>
    public static bool FitReversed(MeanFit fit, double[] means, double[] reversed, double[] brightness, double advantage)
    {
        if (means.Length != 3 || fit.Best() is not var (best, _)) return false;
        var floor = fit.ColourMisfit(best, brightness);
        var now = fit.ColourMisfit(means, brightness);
        return now > MinMisfit && Excess(now) > advantage * advantage * Excess(fit.ColourMisfit(reversed, brightness));

        double Excess(double misfit) => Math.Max(0, (misfit * misfit) - (floor * floor));
    }

    /// <summary>Either the pixels alone are reversed, or also the constants that were applied to them.</summary>
    private static bool IsReversed(MeanFit fit, TensorStatistics part, TensorStatistics all, double advantage)
    {
        double[] low = [.. all.Channels.Select(c => (double)c.Min)], width = [.. all.Channels.Select(c => (double)c.Max - c.Min)];
        if (part.Samples == 0 || width.Any(w => w <= 0)) return false;
        var means = part.Channels.Select(c => c.Mean).ToArray();
        var pixels = means.Select((m, c) => (m - low[c]) / width[c]).Reverse().Select((p, c) => low[c] + (width[c] * p)).ToArray();
        return FitReversed(fit, means, pixels, width, advantage) || FitReversed(fit, means, [.. means.Reverse()], width, advantage);
    }
}
