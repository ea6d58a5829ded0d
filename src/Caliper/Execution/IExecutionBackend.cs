using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Who runs a graph. Everything else in the library knows graphs and tensors only.</summary>
public interface IExecutionBackend
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Plans a model for repeated runs.</summary>
    /// <exception cref="CaliperException">The backend cannot run this model; the message says why.</exception>
    IExecutionSession Load(Model model, ExecutionOptions options);
}
