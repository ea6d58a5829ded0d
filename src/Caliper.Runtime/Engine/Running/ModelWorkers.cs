namespace Caliper.Engine.Running;

/// <summary>The threads that all plans of a model have together: of as many pools as there are shapes, those that just ran would still be awake
/// and keep processors from the one that runs.</summary>
/// <param name="threads">How many, the caller of a run among them.</param>
internal sealed class ModelWorkers(int threads) : IDisposable
{
    /// <summary>The threads.</summary>
    public WorkerPool Pool { get; } = new(threads);

    /// <summary>Ends the threads of a model that nobody disposed of.</summary>
    ~ModelWorkers() => Pool.End();

    public void Dispose()
    {
        Pool.Dispose();
        GC.SuppressFinalize(this);
    }
}
