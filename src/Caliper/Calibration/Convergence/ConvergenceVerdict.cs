using System.Collections.Immutable;

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

    /// <summary>Whether more of the same data would help, as a sentence.</summary>
    public string Advice => this switch
    {
        { Samples: < ConvergenceMeter.FewestSamples } => Text($"{Samples:N0} samples are too few to tell whether more would change the ranges; ")
            + Text($"give {ConvergenceMeter.FewestSamples} or more."),
        { IsStable: true } =>
            Text($"More data of this kind would hardly change the ranges: half of the {Samples:N0} samples gives as good ones."),
        _ => Text($"More data of this kind would help: after {Samples:N0} samples the ranges of {Moving:N0} of {Tensors.Length:N0} tensors ")
            + $"still move, '{VisibleText.Of(Tensors[0].Name)}' most.",
    };

    /// <summary>The verdict as a sentence.</summary>
    public override string ToString() => (IsStable, StableAfter) switch
    {
        (true, { } after) => Text($"stable after {after} samples of {Samples}"),
        (true, null) => Text($"stable: half of the {Samples} samples would have given the same ranges"),
        _ => Text($"{Moving} of {Tensors.Length} tensors still moving after {Samples} samples"),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
