using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Keeps a copy of every tensor, for debugging: its memory grows with the data. PyTorch's class of the same
/// name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class RecordingObserver(RecordingSpec? spec = null) : Observer(spec ?? ObserverSpec.Recording)
{
    private readonly List<Tensor> _tensors = [];

    /// <inheritdoc/>
    public override bool HasObserved => _tensors.Count > 0;

    /// <summary>The tensors seen, in order; PyTorch's <c>get_tensor_value</c>.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException("A RecordingObserver keeps tensors and has no scale or zero point.");

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape) =>
        _tensors.Add(Tensor.Of(shape, values.ToArray()));

    /// <inheritdoc/>
    protected override void Clear() => _tensors.Clear();

    /// <inheritdoc/>
    protected override string Describe() => FormattableString.Invariant($"tensors={_tensors.Count}");
}

/// <summary>The arguments of a <see cref="RecordingObserver"/>.</summary>
public sealed record RecordingSpec : RangelessSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(RecordingObserver);

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments => [ObserverArgument.DType];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new RecordingObserver(this);
}
