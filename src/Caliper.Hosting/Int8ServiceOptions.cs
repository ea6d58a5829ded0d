namespace Caliper.Hosting;

/// <summary>How an <see cref="Int8Service"/> answers.</summary>
public sealed record Int8ServiceOptions
{
    /// <summary>Runs at a time; 0 takes one for each processor.</summary>
    public int Workers { get; init; }

    /// <summary>Threads within one run. With as many workers as processors, 1.</summary>
    public int ThreadsPerRun { get; init; } = 1;

    /// <summary>The most requests that are run together: those that wait already, nobody waits for others to come. More than 1 helps where weights
    /// are large and arithmetic is little, as in dense layers of many outputs; where a network cannot be run on several samples with the same bits,
    /// each is run alone.</summary>
    public int MaxBatch { get; init; } = 1;

    /// <summary>The most requests that wait; what comes beyond them is refused at once.</summary>
    public int QueueCapacity { get; init; } = 1024;

    /// <summary>The clock of durations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadsPerRun, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ThreadsPerRun, Int8SessionOptions.MostThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        ArgumentNullException.ThrowIfNull(Clock);
    }
}
