using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Execution;

/// <summary>
/// Calls a model on batches of any size: checks what is fed, plans the graph at the first call, and where the graph's batch
/// axis is fixed, feeds it in pieces of that size.
/// </summary>
internal sealed class ModelRunner(Model model, ExecutionOptions options) : IDisposable
{
    private readonly Lazy<IExecutionSession> _session = new(() => options.Backend.Load(model, options));
    private readonly Lifetime _life = new($"The model '{model.Graph.Name}'");

    public IReadOnlyList<Value> Inputs => model.Graph.Inputs;

    public IReadOnlyList<Value> Outputs => model.Graph.Outputs;

    /// <summary>What a model is fed first of a batch, each tensor of the type and rank of its input.</summary>
    /// <inheritdoc cref="Run(IReadOnlyDictionary{string, Tensor}, CancellationToken)"/>
    public static IReadOnlyDictionary<string, Tensor> FirstPiece(Model model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var runner = new ModelRunner(model, new ExecutionOptions());
        return runner.PiecesOf(inputs, null).First();
    }

    /// <summary>What a session is fed of a batch, piece by piece.</summary>
    /// <param name="inputs">What the caller fed: one tensor an input, equal batch sizes.</param>
    /// <param name="constants">Inputs that are fed whole to every piece.</param>
    public IEnumerable<IReadOnlyDictionary<string, Tensor>> PiecesOf(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants) => Pieces(Bind(inputs, constants), constants);

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
            foreach (var piece in PiecesOf(inputs, constants))
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

    private Dictionary<string, Tensor> Bind(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var expected = Inputs.Where(i => constants?.ContainsKey(i.Name) is not true).ToArray();
        var bound = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in inputs)
        {
            var value = name.Length == 0 && expected.Length == 1 ? expected[0] : Array.Find(expected, e => e.Name == name);
            if (value is null)
            {
                throw new CaliperException((name.Length == 0 ? "The model has several inputs, and one alone is fed; they are "
                    : $"The model has no input '{name}'; its inputs are ")
                    + $"{string.Join(", ", expected.Select(e => e.ToString()))}."
                    + Suggestion.For(name, expected.Select(e => e.Name)));
            }
            var fitting = FloatCasts.Fit(tensor, value.Type);
            Check(value, fitting);
            bound[value.Name] = fitting;
        }
        foreach (var value in expected) Batches.Fed(bound, value.Name);
        return bound;
    }

    private static void Check(Value input, Tensor fed)
    {
        var fits = (input.Type == ElementType.Undefined || input.Type == fed.Type)
            // A single number for each sample is one of the batch's.
            && (input.Shape is not { } shape || (shape.Rank == 0 && fed.Shape.Rank == 1)
                || (shape.Rank == fed.Shape.Rank && Enumerable.Range(1, Math.Max(0, shape.Rank - 1))
                .All(axis => !shape[axis].IsKnown || shape[axis] == fed.Shape[axis])));
        if (!fits) throw new CaliperException($"The model's input '{input.Name}' wants {input.Type} {input.Shape}, but was fed {fed}.");
    }

    private IEnumerable<IReadOnlyDictionary<string, Tensor>> Pieces(
        Dictionary<string, Tensor> fed, IReadOnlyDictionary<string, Tensor>? constants)
    {
        var pieces = Batches.PiecesOf(Inputs, fed) ?? 1;
        if (fed.Values.Any(f => f.Shape.Rank > 0 && pieces > 1 && f.Shape[0].Length % pieces != 0)) throw Batches.Differing(fed);
        for (var piece = 0; piece < pieces; piece++)
            yield return Whole(fed.ToDictionary(f => f.Key, f => PieceOf(f.Key, f.Value, piece, pieces), StringComparer.Ordinal), constants);
    }

    private Tensor PieceOf(string input, Tensor tensor, int piece, int pieces)
    {
        if (tensor.Shape.Rank == 0) return tensor;
        var own = pieces == 1 ? tensor : Batches.Samples(tensor, pieces, piece, 1);
        return Inputs.First(i => i.Name == input).Shape is { Rank: 0 } ? own.Reshape(Shape.Scalar) : own;
    }

    private static Dictionary<string, Tensor> Whole(Dictionary<string, Tensor> piece, IReadOnlyDictionary<string, Tensor>? constants)
    {
        foreach (var (name, constant) in constants ?? new Dictionary<string, Tensor>()) piece[name] = constant;
        return piece;
    }
}
