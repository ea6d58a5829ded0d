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
internal sealed class ObservedNetwork : IDisposable
{
    // What is seen at once, as far as samples can be run apart: enough that threads and caches are busy.
    private const long BytesAtOnce = 1 << 26;

    // All that is seen stays until the pass is over, and what was kept for that would be kept until the end.
    private readonly ModelRunner _runner;
    private readonly ObservedSizes _sizes;

    /// <param name="model">The network.</param>
    /// <param name="observed">Values to look at.</param>
    /// <param name="execution">Who runs it.</param>
    public ObservedNetwork(Model model, IEnumerable<string> observed, ExecutionOptions execution)
    {
        var graph = ObservedGraph.Of(model, observed);
        _sizes = new(graph.Graph);
        _runner = new(graph, execution with { ReturnsMemory = true });
    }

    /// <inheritdoc cref="ModelRunner.PieceSize"/>
    public int PieceSize(IReadOnlyDictionary<string, Tensor> inputs, int count) => _runner.PieceSize(inputs, count);

    /// <summary>Runs a batch, in as many passes as the network needs for it, and shows each.</summary>
    /// <param name="inputs">One tensor an input, equal batch sizes.</param>
    /// <param name="constants">Inputs that are fed whole to every pass; null for none.</param>
    /// <param name="count">How many samples they are; null for as many as the shortest first axis is long.</param>
    /// <param name="look">Sees a pass before its memory is taken back.</param>
    /// <param name="apart">Whether samples may be run apart, so that no pass needs much memory.</param>
    /// <param name="cancellationToken">Ends the work between and within passes.</param>
    public void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants, int? count,
        Action<ObservedPass> look, bool apart, CancellationToken cancellationToken)
    {
        var all = count ?? ShortestAxis(inputs);
        foreach (var (piece, samples) in apart ? PiecesOf(inputs, all) : [(inputs, all)]) Run(piece, constants, samples, look, cancellationToken);
    }

    private static int ShortestAxis(IReadOnlyDictionary<string, Tensor> inputs) =>
        inputs.Values.Where(i => i.Shape.Rank > 0).Select(i => (int)i.Shape[0].Length).DefaultIfEmpty(1).Min();

    private void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants, int count,
        Action<ObservedPass> look, CancellationToken cancellationToken)
    {
        var samples = PieceSize(inputs, count) is > 0 and var size ? size : count;
        _runner.Run(inputs, constants, (fed, result) => look(new(samples, fed, result)), cancellationToken);
    }

    private IEnumerable<(IReadOnlyDictionary<string, Tensor> Inputs, int Count)> PiecesOf(IReadOnlyDictionary<string, Tensor> inputs, int count)
    {
        var size = count > 1 && PieceSize(inputs, count) == 0 && inputs.Values.All(i => i.Shape.Rank > 0 && i.Shape[0].Length == count)
            ? _sizes.SamplesAtOnce(inputs, count, BytesAtOnce) : count;
        if (size >= count)
        {
            yield return (inputs, count);
            yield break;
        }
        for (var start = 0; start < count; start += size)
        {
            var (from, length) = (start, Math.Min(size, count - start));
            yield return (inputs.ToDictionary(i => i.Key, i => Batches.Slice(i.Value, from, length), StringComparer.Ordinal), length);
        }
    }

    /// <summary>Frees what running it took.</summary>
    public void Dispose() => _runner.Dispose();
}
