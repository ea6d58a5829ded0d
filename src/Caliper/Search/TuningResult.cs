using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>What tuning found.</summary>
/// <param name="Chosen">The fastest that reaches the target, or where none does the one of best quality.</param>
/// <param name="Measured">All that were measured, from 8 bits everywhere on, ever more work.</param>
/// <param name="Target">The quality that was wanted.</param>
public sealed record TuningResult(TunedCandidate Chosen, ImmutableArray<TunedCandidate> Measured, double Target)
{
    /// <summary>Whether the target is reached.</summary>
    public bool IsReached => Chosen.Quality >= Target;
}

/// <summary>A recipe whose int8 network was run.</summary>
/// <param name="Candidate">The recipe, and what the search expected of it.</param>
/// <param name="Quality">By the measure that was asked for; more is better.</param>
/// <param name="Milliseconds">A forward pass.</param>
public sealed record TunedCandidate(SearchCandidate Candidate, double Quality, double Milliseconds);
