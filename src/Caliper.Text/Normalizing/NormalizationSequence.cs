using System.Collections.Immutable;

namespace Caliper.Text.Normalizing;

/// <summary>Several normalizations, one after the other.</summary>
internal sealed record NormalizationSequence(ImmutableArray<INormalization> Parts) : INormalization
{
    /// <inheritdoc/>
    public string Apply(string text) => Parts.Aggregate(text, (before, part) => part.Apply(before));
}
