using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Calibration.Convergence;

/// <summary>Whether there was enough data.</summary>
/// <param name="Samples">Samples observed.</param>
/// <param name="StableAfter">The earliest checkpoint whose ranges are still good on all samples; null where no checkpoints were
/// taken or none is.</param>
/// <param name="Tensors">The tensors, those that move most first.</param>
public sealed record ConvergenceVerdict(int Samples, int? StableAfter, ImmutableArray<TensorConvergence> Tensors)
{
    /// <summary>Tensors whose range half of the data does not tell.</summary>
    public int Moving => Tensors.Count(t => t.IsMoving);

    /// <summary>Whether none is moving.</summary>
    public bool IsStable => Moving == 0;

    /// <summary>The verdict as a sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsStable, StableAfter) switch
    {
        (true, { } after) => $"stable after {after} samples of {Samples}",
        (true, null) => $"stable: half of the {Samples} samples would have given the same ranges",
        _ => $"{Moving} of {Tensors.Length} tensors still moving after {Samples} samples",
    }}");
}
