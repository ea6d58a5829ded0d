using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Execution;

/// <summary>What sessions are fed of a batch: each tensor of the type and rank of its input, and in pieces where the batch axis is fixed.</summary>
internal static class FedPieces
{
    /// <summary>The pieces, one after the other.</summary>
    /// <param name="wanted">The model's inputs.</param>
    /// <param name="inputs">What the caller fed: one tensor an input, equal batch sizes.</param>
    /// <param name="constants">Inputs that are fed whole to every piece; null for none.</param>
    /// <exception cref="CaliperException">An input is missing, or does not fit the model.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, Tensor>> Of(IReadOnlyList<Value> wanted, IReadOnlyDictionary<string, Tensor> inputs,
        IReadOnlyDictionary<string, Tensor>? constants = null) => Cut(wanted, Bind(wanted, inputs, constants), constants);

    private static Dictionary<string, Tensor> Bind(
        IReadOnlyList<Value> wanted, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? constants)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var expected = wanted.Where(i => constants?.ContainsKey(i.Name) is not true).ToArray();
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

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> Cut(
        IReadOnlyList<Value> wanted, Dictionary<string, Tensor> fed, IReadOnlyDictionary<string, Tensor>? constants)
    {
        var pieces = Batches.PiecesOf(wanted, fed) ?? 1;
        if (fed.Values.Any(f => f.Shape.Rank > 0 && pieces > 1 && f.Shape[0].Length % pieces != 0)) throw Batches.Differing(fed);
        for (var piece = 0; piece < pieces; piece++)
        {
            var own = fed.ToDictionary(f => f.Key, f => PieceOf(wanted.First(i => i.Name == f.Key), f.Value, piece, pieces), StringComparer.Ordinal);
            yield return Whole(own, constants);
        }
    }

    private static Tensor PieceOf(Value input, Tensor tensor, int piece, int pieces)
    {
        if (tensor.Shape.Rank == 0) return tensor;
        var own = pieces == 1 ? tensor : Batches.Samples(tensor, pieces, piece, 1);
        return input.Shape is { Rank: 0 } ? own.Reshape(Shape.Scalar) : own;
    }

    private static Dictionary<string, Tensor> Whole(Dictionary<string, Tensor> piece, IReadOnlyDictionary<string, Tensor>? constants)
    {
        foreach (var (name, constant) in constants ?? new Dictionary<string, Tensor>()) piece[name] = constant;
        return piece;
    }
}
