using System.Collections.Immutable;

namespace Caliper.Preparation;

/// <summary>
/// By what the channels of a network's values are divided before it becomes int8, so that small channels use more of the 256 levels; what
/// reads them is multiplied by the same. All are powers of two, by which a float is divided without any rounding: the float network computes
/// the same bits as before. And which channels are read as several, which changes no more than the order of its sums.
/// </summary>
public sealed record ChannelFactors
{
    /// <summary>The greatest exponent, and the least negated.</summary>
    public const int MostExponent = 6;

    /// <summary>Everything stays as it is.</summary>
    public static ChannelFactors None { get; } = new();

    /// <summary>For each value that is divided the exponents of its channels: channel c is divided by 2^exponent.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<int>> Exponents { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableArray<int>>(StringComparer.Ordinal);

    /// <summary>Operations, by the name of their first output, that read a divided value multiplied again, and which value.</summary>
    public ImmutableSortedDictionary<string, string> Undone { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Products, by the name of their output, that divide what they read just before it is rounded for them, whatever it is divided by for
    /// others: channel c of what was there at first by 2^exponent.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<int>> Reads { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableArray<int>>(StringComparer.Ordinal);

    /// <summary>Values whose widest channels products read as several copies; all else is of the network in which they do.</summary>
    public ImmutableSortedDictionary<string, SplitChannels> Splits { get; init; } =
        ImmutableSortedDictionary.Create<string, SplitChannels>(StringComparer.Ordinal);

    /// <summary>Whether nothing is divided or split.</summary>
    public bool IsEmpty => Exponents.IsEmpty && Reads.IsEmpty && Splits.IsEmpty;

    /// <inheritdoc/>
    public bool Equals(ChannelFactors? other) => other is not null
        && AreEqual(Exponents, other.Exponents) && AreEqual(Reads, other.Reads) && Undone.SequenceEqual(other.Undone)
        && Splits.SequenceEqual(other.Splits);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Exponents.Count, Undone.Count, Reads.Count, Splits.Count);

    private static bool AreEqual(
        ImmutableSortedDictionary<string, ImmutableArray<int>> one, ImmutableSortedDictionary<string, ImmutableArray<int>> other) =>
        one.Count == other.Count && one.All(e => other.TryGetValue(e.Key, out var own) && own.AsSpan().SequenceEqual(e.Value.AsSpan()));
}
