using System.Numerics.Tensors;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Evaluation;

/// <summary>The share of samples for which two models choose the same class; needs no labels.</summary>
internal sealed class AgreementMeter
{
    /// <summary>Samples seen.</summary>
    public int Samples { get; private set; }

    /// <summary>Samples with the same answer.</summary>
    public int Agreeing { get; private set; }

    /// <summary>The share in percent, or null where no class scores were seen.</summary>
    public double? Percent => Samples == 0 ? null : 100.0 * Agreeing / Samples;

    /// <summary>What the samples tell of the share, in percent, or null where no class scores were seen.</summary>
    public ConfidenceInterval? Interval => Samples == 0 ? null : ConfidenceInterval.OfShare(Agreeing, Samples).Times(100);

    /// <summary>Compares the highest score of each row, the first of equal ones. Tensors that are no class scores
    /// (Float32, [N,C] or [N,C,1,1], two classes or more) are passed over.</summary>
    public void Update(Tensor reference, Tensor candidate)
    {
        if (Logits.TryFrom(reference) is not { } expected || Logits.TryFrom(candidate) is not { } actual) return;
        for (var i = 0; i < expected.Samples; i++)
        {
            Agreeing += TensorPrimitives.IndexOfMax(expected.Row(i)) == TensorPrimitives.IndexOfMax(actual.Row(i)) ? 1 : 0;
        }
        Samples += expected.Samples;
    }
}
