using System.Collections.Immutable;
using Caliper.Data;

namespace Caliper.Text.Samples;

/// <summary>The texts of a file.</summary>
/// <param name="Samples">Each text, in the file's order; of a pair one after the other.</param>
/// <param name="Pairs">Pairs that somebody scored, by the names of their texts.</param>
internal sealed record TextSet(ImmutableArray<TextSample> Samples, ImmutableArray<ScoredPair> Pairs);
