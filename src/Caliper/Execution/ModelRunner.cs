using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>
/// Calls a model on batches of any size: plans the graph at the first call, and where the graph's batch axis is fixed, feeds it in pieces of that
/// size.
/// </summary>
internal sealed class ModelRunner(Model model, ExecutionOptions options) : IDisposable
{
    private readonly Lazy<IExecutionSession> _session = new(() => options.Backend.Load(model, options));
    private readonly Lifetime _life = new($"The model '{model.Graph.Name}'");

    public IReadOnlyList<Value> Inputs => model.Graph.Inputs;

    public IReadOnlyList<Value> Outputs => model.Graph.Outputs;

    /// <summary>How many samples of a batch are run together.</summary>
    /// <inheritdoc cref="Batches.PieceSize"/>
    public int PieceSize(IReadOnlyDictionary<string, Tensor> inputs, int count) => Batches.PieceSize(Inputs, inputs, count);

    /// <summary>Runs the model and copies its outputs, pieces joined along the batch axis.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken)
    {
        var pieces = Outputs.ToDictionary(o => o.Name, _ => new List<Tensor>(), StringComparer.Ordinal);
        Run(inputs, null, (_, result) =>
        {
            foreach (var output in Outputs) pieces[output.Name].Add(Batches.Copy(result[output.Name]));
        }, cancellationToken);
        return pieces.ToDictionary(p => p.Key, p => Batches.Join(p.Key, p.Value), StringComparer.Ordinal);
    }

    /// <summary>Runs the model and shows each piece's outputs to a visitor while they are valid.</summary>
    /// <param name="inputs">What the caller fed: one tensor an input, equal batch sizes.</param>
    /// <param name="constants">Inputs that are fed whole to every piece.</param>
    /// <param name="visit">Sees what was fed and the outputs, before their memory is taken back.</param>
    /// <param name="cancellationToken">Ends the work between and within pieces.</param>
    public void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants,
        Action<IReadOnlyDictionary<string, Tensor>, IExecutionResult> visit, CancellationToken cancellationToken)
    {
        _life.Enter();
        try
        {
            foreach (var piece in FedPieces.Of(Inputs, inputs, constants))
            {
                using var result = _session.Value.Run(piece, cancellationToken);
                visit(piece, result);
            }
        }
        finally
        {
            _life.Leave();
        }
    }

    /// <summary>Frees what running took, once runs that are under way have ended; later ones are refused.</summary>
    public void Dispose()
    {
        if (_life.End() && _session.IsValueCreated) _session.Value.Dispose();
    }
}
