using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>A recipe that a search measured.</summary>
/// <param name="Step">What it came to on a few samples.</param>
/// <param name="Recipe">The recipe.</param>
public sealed record SearchCandidate(SearchStep Step, Recipe Recipe);
