using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Evaluation.Tests;

/// <summary>A model that is a function of its one input, and counts its calls.</summary>
internal sealed class StubModel(Func<Tensor, Tensor> forward, params string[] outputs) : IModel
{
    private readonly string[] _outputs = outputs.Length == 0 ? ["logits"] : outputs;

    public int Calls { get; private set; }

    public static StubModel Identity { get; } = new(x => x);

    public IReadOnlyList<Value> Inputs { get; } = [new("x", ElementType.Float32, null)];

    public IReadOnlyList<Value> Outputs => [.. _outputs.Select(o => new Value(o, ElementType.Float32, null))];

    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
    {
        Calls++;
        var output = forward(inputs.Values.Single());
        return _outputs.ToDictionary(o => o, _ => output);
    }

    /// <summary>Batches of rows; the identity model returns them as class scores.</summary>
    public static Batch Rows(ImmutableArray<int>? labels, params float[][] rows) =>
        Batch.Of(Tensor.Of(Shape.Of(rows.Length, rows[0].Length), rows.SelectMany(r => r).ToArray()), labels);
}
