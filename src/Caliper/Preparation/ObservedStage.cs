using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>A segment of an observed network, planned when it is first run, when the types of what it reads are known.</summary>
/// <param name="model">The network.</param>
/// <param name="segment">The segment; null for all of the network.</param>
/// <param name="execution">How it is run.</param>
internal sealed class ObservedStage(Model model, NetworkSegment? segment, ExecutionOptions execution) : IDisposable
{
    private readonly Lock _planning = new();
    private readonly ImmutableHashSet<string> _makes = [.. segment?.Makes ?? []];
    private IExecutionSession? _session;

    /// <summary>What later segments read of it.</summary>
    public ImmutableArray<string> Kept { get; init; } = [];

    /// <summary>What it reads and nobody after it.</summary>
    public ImmutableArray<string> Left { get; init; } = [];

    /// <summary>Whether it makes a value.</summary>
    public bool Makes(string value) => segment is null || _makes.Contains(value);

    /// <summary>Runs it.</summary>
    /// <param name="values">What was fed and what segments before it made.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public IExecutionResult Run(Dictionary<string, Tensor> values, CancellationToken cancellationToken)
    {
        var fed = segment?.Reads.ToDictionary(r => r, r => values[r], StringComparer.Ordinal) ?? values;
        return SessionFor(fed).Run(fed, cancellationToken);
    }

    /// <summary>Frees what running it took.</summary>
    public void Dispose() => _session?.Dispose();

    private IExecutionSession SessionFor(IReadOnlyDictionary<string, Tensor> fed)
    {
        lock (_planning)
        {
            if (_session is not null) return _session;
            var graph = segment?.Alone(model.Graph, fed) ?? model.Graph;
            return _session = execution.Backend.Load(model with { Graph = graph }, execution);
        }
    }
}
