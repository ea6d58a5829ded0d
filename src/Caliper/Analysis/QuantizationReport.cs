using System.Collections.Immutable;
using Caliper.Evaluation;

namespace Caliper.Analysis;

/// <summary>What an int8 network does to the values of its float network, tensor by tensor, and what costs most.</summary>
/// <param name="Samples">Samples that both ran on.</param>
/// <param name="Outputs">Signal to noise of each output of the deployed network.</param>
/// <param name="Tensors">The activations that are int8, in execution order.</param>
/// <param name="Weights">The weights that are int8, in execution order.</param>
/// <param name="Findings">What costs most, the worst first; at most three.</param>
public sealed record QuantizationReport(int Samples, ImmutableArray<OutputSqnr> Outputs, ImmutableArray<TensorError> Tensors,
    ImmutableArray<WeightError> Weights, ImmutableArray<Finding> Findings)
{
    /// <summary>Accuracy, loss and agreement of both networks on the samples, as far as labels and class scores allow.</summary>
    public ComparisonResult? Evaluation { get; init; }

    /// <summary>What kept tensors from being compared.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>On how many samples each int8 tensor was measured alone.</summary>
    public int SensitivitySamples { get; init; }

    /// <summary>Room that int32 sums have, for each layer whose weights and input are int8.</summary>
    public ImmutableArray<Headroom> Headrooms { get; init; } = [];

    /// <summary>The tensor that a layer makes.</summary>
    /// <param name="layer">Name of the layer, or of an input.</param>
    /// <exception cref="CaliperException">No int8 tensor is of this layer.</exception>
    public TensorError TensorOf(string layer) => Tensors.FirstOrDefault(t => t.Layer == layer)
        ?? throw new CaliperException($"The layer '{layer}' makes no int8 tensor; those that do: {string.Join(", ", Tensors.Select(t => t.Layer))}.");
}
