using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Runs a model on the first of two backends that can.</summary>
/// <param name="first">Asked first.</param>
/// <param name="second">Asked where the first one cannot run a model.</param>
internal sealed class FallbackBackend(IExecutionBackend first, IExecutionBackend second) : IExecutionBackend
{
    /// <summary>Caliper's int8 engine, and ONNX Runtime for what that cannot run.</summary>
    public static FallbackBackend Int8 { get; } = new(CaliperBackend.Instance, OnnxRuntimeBackend.Instance);

    /// <inheritdoc/>
    public string Name => $"{first.Name}, else {second.Name}";

    /// <inheritdoc/>
    public IExecutionSession Load(Model model, ExecutionOptions options)
    {
        try
        {
            return new Session(first.Load(model, options), () => second.Load(model, options));
        }
        catch (CaliperException)
        {
            return second.Load(model, options);
        }
    }

    /// <summary>What the first backend can run may show only at a run, which knows all shapes.</summary>
    private sealed class Session(IExecutionSession first, Func<IExecutionSession> loadSecond) : IExecutionSession
    {
        private readonly Lazy<IExecutionSession> _second = new(loadSecond);
        private volatile bool _firstCan;

        public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
        {
            if (_second.IsValueCreated) return _second.Value.Run(inputs, cancellationToken);
            try
            {
                var result = first.Run(inputs, cancellationToken);
                _firstCan = true;
                return result;
            }
            catch (CaliperException) when (!_firstCan)
            {
                return _second.Value.Run(inputs, cancellationToken);
            }
        }

        public void Dispose()
        {
            first.Dispose();
            if (_second.IsValueCreated) _second.Value.Dispose();
        }
    }
}
