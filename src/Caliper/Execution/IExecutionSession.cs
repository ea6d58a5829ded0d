using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>A model planned for repeated runs. Safe to call from several threads.</summary>
public interface IExecutionSession : IDisposable
{
    /// <summary>One forward pass.</summary>
    /// <param name="inputs">A tensor for each graph input, by name.</param>
    /// <param name="cancellationToken">Ends the pass early.</param>
    /// <returns>Every graph output. Its tensors are valid until it is disposed of.</returns>
    IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default);
}

/// <summary>The outputs of one run, in memory that belongs to the backend.</summary>
public interface IExecutionResult : IDisposable
{
    /// <summary>An output by name, valid until the result is disposed of.</summary>
    Tensor this[string output] { get; }
}
