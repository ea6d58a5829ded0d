using System.Collections.Immutable;

namespace Caliper.Preparation;

/// <summary>
/// The widest channels of a value, of which products read several copies: each of k copies is the k-th part of the channel, and its weights
/// are those of the channel. A few columns more, and the scale of all the others is as much finer.
/// </summary>
/// <param name="Step">The scale that the copies are expected to be rounded with, in units of the value. They lie apart by a k-th of it, so that
/// the integers of all of them add up to what the channel would be rounded to alone with a step of this size.</param>
/// <param name="Copies">How many copies are read of a channel, 2 to <see cref="MostCopies"/>; of the others, one.</param>
public sealed record SplitChannels(float Step, ImmutableSortedDictionary<int, int> Copies)
{
    /// <summary>The most copies of one channel.</summary>
    public const int MostCopies = 64;

    /// <summary>How many columns are added.</summary>
    public int Added => Copies.Values.Sum(c => c - 1);

    /// <inheritdoc/>
    public bool Equals(SplitChannels? other) => other is not null && Step.Equals(other.Step) && Copies.SequenceEqual(other.Copies);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Step, Copies.Count);
}
