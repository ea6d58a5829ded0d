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

    /// <summary>Whether memory goes back to the system after each run, instead of being kept for the next: for many sessions of which one runs at a
    /// time.</summary>
    internal bool ReturnsMemory { get; init; }

    /// <summary>Who runs float graphs.</summary>
    public IExecutionBackend Backend { get; init; } = OnnxRuntimeBackend.Instance;

    /// <summary>Who runs int8 graphs.</summary>
    public IExecutionBackend Int8Backend { get; init; } = FallbackBackend.Int8;
}
