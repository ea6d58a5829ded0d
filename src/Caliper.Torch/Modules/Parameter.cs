using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>A tensor that a layer needs from the checkpoint: a weight, a bias or a running statistic.</summary>
/// <param name="Shape">Its static shape.</param>
/// <param name="Initial">What it is before training.</param>
internal sealed record Parameter(Shape Shape, InitialValue Initial)
{
    // Two parameters of equal shape are different parameters.
    public bool Equals(Parameter? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>A weight: output channels first, whatever each output is computed from after that.</summary>
    public static Parameter Weight(params ReadOnlySpan<long> lengths) => new(Shape.Of(lengths), InitialValue.KaimingUniform);

    /// <summary>A value for each channel, all equal at first.</summary>
    public static Parameter PerChannel(long channels, InitialValue initial) => new(Shape.Of(channels), initial);
}

/// <summary>What a parameter is before training.</summary>
internal enum InitialValue
{
    Zero,
    One,
    KaimingUniform,
}
