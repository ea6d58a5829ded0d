namespace Caliper.Execution;

/// <summary>How a model is run.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Threads within one forward pass; 0 lets the backend take one per physical core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether threads that have nothing to do wait in a busy loop. A single forward pass then takes less time, by a tenth of
    /// a millisecond or so; everything else that wants the processor, such as decoding and observers, waits longer.
    /// </summary>
    public bool BusyWaiting { get; init; }

    /// <summary>Bytes of the plans that the int8 engine keeps of a network with free axes, one for each shape that comes along; those not used for
    /// the longest time go. Weights, which all plans have together, and the memory of a run do not count. 8 MB unless said otherwise, some
    /// thirty plans: a further one takes some milliseconds, so that more is worth it where hundreds of lengths come again and again.</summary>
    public long MostPlanBytes { get; init; } = 8L << 20;

    /// <summary>Whether memory goes back to the system after each run, instead of being kept for the next: for many sessions of which one runs at a
    /// time.</summary>
    internal bool ReturnsMemory { get; init; }

    /// <summary>Whether the model runs once and is small: looking for memory to give back would take longer than all of it.</summary>
    internal bool RunsOnce { get; init; }

    /// <summary>Who runs float graphs.</summary>
    public IExecutionBackend Backend { get; init; } = OnnxRuntimeBackend.Instance;

    /// <summary>Who runs int8 graphs.</summary>
    public IExecutionBackend Int8Backend { get; init; } = FallbackBackend.Int8;
}
