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

    /// <summary>How many convolutions were computed.</summary>
    public int Convolutions { get; private set; }

    public IExecutionSession Load(Model model, ExecutionOptions options)
    {
        Planned.Add(model);
        Open++;
        var convolutions = model.Graph.Nodes.Count(n => n.Is("Conv"));
        return new Session(OnnxRuntimeBackend.Instance.Load(model, options), () => Count(convolutions), () => Open--);
    }

    private void Count(int convolutions)
    {
        lock (Planned) Convolutions += convolutions;
    }

    private sealed class Session(IExecutionSession session, Action ran, Action close) : IExecutionSession
    {
        public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
        {
            ran();
            return session.Run(inputs, cancellationToken);
        }

        public void Dispose()
        {
            session.Dispose();
            close();
        }
    }
}
