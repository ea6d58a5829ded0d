namespace Caliper.Search;

/// <summary>What tuning is to reach, and how long it may take.</summary>
public sealed record TuningOptions
{
    /// <summary>The quality that is wanted, in the unit of what measures it; more is better. Null: that of the search's own choice.</summary>
    public double? Target { get; init; }

    /// <summary>After this time no further candidate is measured; until then others than those that bracket the target are, too. The first always is.
    /// Null: as many as it takes to bracket the target.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>The clock of <see cref="Budget"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
