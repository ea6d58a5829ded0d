using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>The least and greatest value of everything seen, channel by channel. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class PerChannelMinMaxObserver(PerChannelMinMaxSpec? spec = null) : RangeObserver(spec ?? ObserverSpec.PerChannelMinMax)
{
    /// <inheritdoc/>
    protected override void Merge(ref float min, ref float max, float batchMin, float batchMax) =>
        (min, max) = (MathF.Min(min, batchMin), MathF.Max(max, batchMax));
}

/// <summary>The arguments of a <see cref="PerChannelMinMaxObserver"/>.</summary>
public sealed record PerChannelMinMaxSpec : ObserverSpec
{
    /// <summary>PyTorch's defaults.</summary>
    public PerChannelMinMaxSpec() => Scheme = QuantizationScheme.PerChannelAffine;

    /// <inheritdoc/>
    public override string Name => nameof(PerChannelMinMaxObserver);

    /// <inheritdoc/>
    public override bool IsPerChannel => true;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ChannelAxis, ObserverArgument.ReduceRange,
        ObserverArgument.QuantMin, ObserverArgument.QuantMax, ObserverArgument.Eps,
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new PerChannelMinMaxObserver(this);
}
