using System.Collections.Immutable;

namespace Caliper.DataFree;

/// <summary>What is known of a network's inputs where there are none to look at.</summary>
public sealed record InputValues
{
    private InputValues(ImmutableArray<float> least, ImmutableArray<float> greatest) => (Least, Greatest) = (least, greatest);

    /// <summary>Each channel has mean 0 and standard deviation 1, as inputs have that are normalized by the statistics of their kind.</summary>
    public static InputValues Normalized { get; } = new([], []);

    /// <summary>The least value of each channel, or one for all; empty for <see cref="Normalized"/>.</summary>
    public ImmutableArray<float> Least { get; }

    /// <summary>The greatest value of each channel, or one for all; empty for <see cref="Normalized"/>.</summary>
    public ImmutableArray<float> Greatest { get; }

    /// <summary>Every value between two is as likely, as of the pixels of all kinds of images.</summary>
    /// <param name="least">The least value of each channel, or one for all.</param>
    /// <param name="greatest">The greatest value of each channel, or one for all.</param>
    /// <exception cref="CaliperException">There are none, not as many of both, one is not finite, or a least value is above its greatest.</exception>
    public static InputValues Between(ImmutableArray<float> least, ImmutableArray<float> greatest)
    {
        if (least.IsDefaultOrEmpty || greatest.IsDefaultOrEmpty || least.Length != greatest.Length)
            throw new CaliperException("The least and the greatest input values are as many as there are channels, or one of each.");
        for (var c = 0; c < least.Length; c++)
        {
            if (!float.IsFinite(least[c]) || !float.IsFinite(greatest[c]) || least[c] > greatest[c])
                throw new CaliperException(FormattableString.Invariant($"Input values cannot lie between {least[c]} and {greatest[c]}."));
        }
        return new InputValues(least, greatest);
    }

    /// <summary>Their law for an input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="channels">Its number of channels.</param>
    internal ChannelLaw LawFor(string input, int channels)
    {
        const int untold = ExpectedLaws.MostSupposed;
        if (Least.IsEmpty) return new ChannelLaw(channels, (_, z) => z) { Supposed = untold };
        if (Least.Length != 1 && Least.Length != channels)
            throw new CaliperException($"The input '{input}' has {channels} channels, not the {Least.Length} that values are given for.");
        var (least, greatest) = (Least, Greatest);
        return new ChannelLaw(channels, (c, z) =>
        {
            var at = least.Length == 1 ? 0 : c;
            return least[at] + (((double)greatest[at] - least[at]) * LogisticDistribution.Probability(z));
        })
        {
            Supposed = untold,
        };
    }
}
