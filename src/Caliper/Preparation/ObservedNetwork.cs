using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>What there is to see at once of one forward pass, while its memory is there.</summary>
/// <param name="Start">The first of the samples in their batch.</param>
/// <param name="Samples">Samples that went through together.</param>
/// <param name="Fed">What was fed, where it is to be seen now.</param>
/// <param name="Stage">The part of the network that ran.</param>
/// <param name="Result">What that made, observed values among it.</param>
internal readonly record struct ObservedPass(
    int Start, int Samples, IReadOnlyDictionary<string, Tensor> Fed, ObservedStage Stage, IExecutionResult Result)
{
    /// <summary>A value by name; null where it is to be seen before or after.</summary>
    public Tensor? this[string name] => Fed.TryGetValue(name, out var input) ? input : Stage.Makes(name) ? Result[name] : null;
}

/// <summary>The machine that observes: plain forward passes of a network whose observed values are outputs. Who looks, and at how many
/// samples at a time, is up to the caller.</summary>
internal sealed class ObservedNetwork : IDisposable
{
    // What is seen at once, as far as samples can be run apart: enough that threads and caches are busy.
    private const long BytesAtOnce = 1 << 26;

    private readonly Model _model;
    private readonly ExecutionOptions _execution;
    private readonly bool _apart;
    private readonly ObservedSizes _sizes;
    private readonly Lock _planning = new();
    private readonly Lifetime _life;
    private ObservedStages? _stages;

    /// <param name="model">The network.</param>
    /// <param name="observed">Values to look at.</param>
    /// <param name="execution">Who runs it.</param>
    /// <param name="apart">Whether each of its threads gets a sample of its own, as far as memory allows.</param>
    public ObservedNetwork(Model model, IEnumerable<string> observed, ExecutionOptions execution, bool apart = false)
    {
        _model = ObservedGraph.Of(model, observed);
        // All that is seen stays until the pass is over, and what was kept for that would be kept until the end.
        (_execution, _apart) = (execution with { ReturnsMemory = true }, apart);
        _sizes = new(_model.Graph);
        _life = new($"The model '{model.Graph.Name}'");
    }

    /// <summary>How many samples to run at once, each on a thread of its own, where memory is to hold what is seen of them.</summary>
    /// <param name="inputs">What is run first.</param>
    public int AtOnce(IReadOnlyDictionary<string, Tensor> inputs) => StagesFor(FedPieces.Of(_model.Graph.Inputs, inputs).First()).AtOnce;

    /// <inheritdoc cref="ModelRunner.PieceSize"/>
    public int PieceSize(IReadOnlyDictionary<string, Tensor> inputs, int count) => Batches.PieceSize(_model.Graph.Inputs, inputs, count);

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
        var start = 0;
        foreach (var (piece, samples) in apart ? PiecesOf(inputs, all) : [(inputs, all)])
        {
            Run(piece, constants, start, samples, look, cancellationToken);
            start += samples;
        }
    }

    private static int ShortestAxis(IReadOnlyDictionary<string, Tensor> inputs) =>
        inputs.Values.Where(i => i.Shape.Rank > 0).Select(i => (int)i.Shape[0].Length).DefaultIfEmpty(1).Min();

    private void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants, int start, int count,
        Action<ObservedPass> look, CancellationToken cancellationToken)
    {
        _life.Enter();
        try
        {
            var samples = PieceSize(inputs, count) is > 0 and var size ? size : count;
            foreach (var piece in FedPieces.Of(_model.Graph.Inputs, inputs, constants))
            {
                StagesFor(piece).Run(piece, (stage, fed, result) => look(new(start, samples, fed, stage, result)), cancellationToken);
                start += samples;
            }
        }
        finally
        {
            _life.Leave();
        }
    }

    private ObservedStages StagesFor(IReadOnlyDictionary<string, Tensor> fed)
    {
        lock (_planning) return _stages ??= ObservedStages.Of(_model, fed, _execution, _apart);
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

    /// <summary>Frees what running it took until it is run again; nobody may be running it.</summary>
    public void Rest()
    {
        lock (_planning)
        {
            _stages?.Dispose();
            _stages = null;
        }
    }

    /// <summary>Frees what running it took, once runs that are under way have ended; later ones are refused.</summary>
    public void Dispose()
    {
        if (_life.End()) _stages?.Dispose();
    }
}
