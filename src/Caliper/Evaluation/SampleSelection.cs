namespace Caliper.Evaluation;

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

    /// <summary>How many samples are chosen out of <paramref name="total"/>.</summary>
    /// <exception cref="CaliperException">An option is out of range.</exception>
    public int CountOf(int total)
    {
        if (Limit < 1) throw new CaliperException($"The number of samples must be 1 or more, not {Limit}.");
        if (Shard < 1 || Shard > ShardCount)
            throw new CaliperException($"There is no shard {Shard} of {ShardCount}: shards are numbered from 1.");
        return (int)(((long)LimitOf(total) - Shard + ShardCount) / ShardCount);
    }

    /// <summary>Index, among all <paramref name="total"/> samples, of the chosen one at <paramref name="position"/>.</summary>
    public int IndexOf(int position, int total) =>
        (int)(((long)position * ShardCount + Shard - 1) * total / LimitOf(total));

    private int LimitOf(int total) => Math.Min(Limit ?? total, total);
}
