using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>ONNX Runtime, with a count of what it was given and has not been told to free.</summary>
internal sealed class CountingBackend : IExecutionBackend
{
    public string Name => OnnxRuntimeBackend.Instance.Name;

    /// <summary>Every model that was planned.</summary>
    public List<Model> Planned { get; } = [];

    /// <summary>How many of them are still ready to run.</summary>
    public int Open { get; private set; }

    public IExecutionSession Load(Model model, ExecutionOptions options)
    {
        Planned.Add(model);
        Open++;
        return new Session(OnnxRuntimeBackend.Instance.Load(model, options), () => Open--);
    }

    private sealed class Session(IExecutionSession session, Action close) : IExecutionSession
    {
        public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) =>
            session.Run(inputs, cancellationToken);

        public void Dispose()
        {
            session.Dispose();
            close();
        }
    }
}
