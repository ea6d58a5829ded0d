using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>What there is to see of one forward pass, while its memory is there.</summary>
/// <param name="Samples">Samples that went through together.</param>
/// <param name="Fed">What was fed.</param>
/// <param name="Result">The outputs, observed values among them.</param>
internal readonly record struct ObservedPass(int Samples, IReadOnlyDictionary<string, Tensor> Fed, IExecutionResult Result)
{
    /// <summary>A value by name.</summary>
    public Tensor this[string name] => Fed.TryGetValue(name, out var input) ? input : Result[name];
}

/// <summary>The machine that observes: plain forward passes of a network whose observed values are outputs. Who looks, and at how many
/// samples at a time, is up to the caller.</summary>
/// <param name="model">The network.</param>
/// <param name="observed">Values to look at.</param>
/// <param name="execution">Who runs it.</param>
internal sealed class ObservedNetwork(Model model, IEnumerable<string> observed, ExecutionOptions execution) : IDisposable
{
    private readonly ModelRunner _runner = new(ObservedGraph.Of(model, observed), execution);

    /// <summary>The batch size that the network insists on, or 0.</summary>
    public int FixedBatch => _runner.FixedBatch;

    /// <summary>Runs a batch, in as many passes as the network needs for it, and shows each.</summary>
    /// <param name="inputs">One tensor an input, equal batch sizes.</param>
    /// <param name="constants">Inputs that are fed whole to every pass; null for none.</param>
    /// <param name="look">Sees a pass before its memory is taken back.</param>
    /// <param name="cancellationToken">Ends the work between and within passes.</param>
    public void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants, Action<ObservedPass> look,
        CancellationToken cancellationToken)
    {
        var samples = FixedBatch is > 0 and var size ? size
            : inputs.Values.FirstOrDefault() is { Shape: { Rank: > 0 } shape } ? (int)shape[0].Length : 1;
        _runner.Run(inputs, constants, (fed, result) => look(new(samples, fed, result)), cancellationToken);
    }

    /// <summary>Frees what running it took.</summary>
    public void Dispose() => _runner.Dispose();
}
