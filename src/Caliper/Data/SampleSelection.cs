namespace Caliper.Data;

/// <summary>
/// Which samples of some data to use. Files sorted by class make the first samples all alike, so a limit takes samples that
/// are evenly spaced over the whole instead of the first ones; no random numbers are involved.
/// </summary>
public sealed record SampleSelection
{
    /// <summary>Every sample.</summary>
    public static SampleSelection All { get; } = new();

    /// <summary>At most this many samples, 1 or more, evenly spaced; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Which share of the work is this one's, 1 to <see cref="ShardCount"/>.</summary>
    public int Shard { get; init; } = 1;

    /// <summary>Into how many shares the (limited) samples are dealt, one by one in turn.</summary>
    public int ShardCount { get; init; } = 1;

    /// <summary>How many of the chosen samples to pass over, from the first: those that an earlier run has seen.</summary>
    public int Skip { get; init; }

    /// <summary>
    /// Whether samples come in an order that spreads over the whole from the start, so that the first few are already like
    /// the rest. Data that is only read forward, such as arrays in a file, comes in its own order all the same.
    /// </summary>
    public bool Spread { get; init; }

    /// <summary>How many samples are chosen out of <paramref name="total"/>, those to skip included.</summary>
    /// <exception cref="CaliperException">An option is out of range.</exception>
    public int CountOf(int total)
    {
        if (Limit < 1) throw new CaliperException($"The number of samples must be 1 or more, not {Limit}.");
        if (Shard < 1 || Shard > ShardCount)
            throw new CaliperException($"There is no shard {Shard} of {ShardCount}: shards are numbered from 1.");
        if (Skip < 0) throw new CaliperException($"The number of samples to skip must be 0 or more, not {Skip}.");
        return (int)(((long)LimitOf(total) - Shard + ShardCount) / ShardCount);
    }

    /// <summary>Index, among all <paramref name="total"/> samples, of the chosen one at <paramref name="position"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such one.</exception>
    /// <exception cref="CaliperException">An option is out of range.</exception>
    public int IndexOf(int position, int total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, CountOf(total));
        return (int)(((long)position * ShardCount + Shard - 1) * total / LimitOf(total));
    }

    private int LimitOf(int total) => Math.Min(Limit ?? total, total);
}
