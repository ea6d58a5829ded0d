using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Runs a model on the first of two backends that can.</summary>
/// <param name="first">Asked first.</param>
/// <param name="second">Asked where the first one cannot run a model.</param>
public sealed class FallbackBackend(IExecutionBackend first, IExecutionBackend second) : IExecutionBackend
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
            return first.Load(model, options);
        }
        catch (CaliperException)
        {
            return second.Load(model, options);
        }
    }
}
