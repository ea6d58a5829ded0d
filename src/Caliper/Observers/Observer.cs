using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// Sits on a tensor, passively records statistics at every forward pass, and proposes a scale and a zero point. Numbers and
/// names are those of PyTorch 2.6's <c>torch.ao.quantization.observer</c>. Values that are not finite are counted and
/// skipped, so one of them cannot poison a range. Not thread-safe. Derive from it to write an observer of your own.
/// </summary>
public abstract class Observer
{
    private NonFinite _skipped;

    /// <summary>Creates an observer that has seen nothing.</summary>
    /// <param name="spec">Which observer, with which arguments.</param>
    /// <exception cref="CaliperException">The arguments do not go together.</exception>
    protected Observer(ObserverSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.Validate();
        Spec = spec;
    }

    /// <summary>Which observer, with which arguments.</summary>
    public ObserverSpec Spec { get; }

    /// <summary>The integers that the parameters are for.</summary>
    /// <exception cref="CaliperException">The observer is for a type that is not quantized (<c>Placeholder</c>,
    /// <c>Noop</c>).</exception>
    public QuantizedType Type => Spec.QuantizedType;

    /// <summary>How real numbers will map to integers.</summary>
    public QuantizationScheme Scheme => Spec.Scheme;

    /// <summary>Whether the observer has seen a finite value.</summary>
    public virtual bool HasObserved => false;

    /// <summary>Number of tensors seen that were not empty.</summary>
    public long BatchCount { get; private set; }

    /// <summary>Number of NaN seen and skipped.</summary>
    public long NaNCount => _skipped.NaN;

    /// <summary>Number of +∞ seen and skipped.</summary>
    public long PositiveInfinityCount => _skipped.PositiveInfinity;

    /// <summary>Number of -∞ seen and skipped.</summary>
    public long NegativeInfinityCount => _skipped.NegativeInfinity;

    /// <summary>The observed minimum, or one for each channel (0 for a channel without a finite value); empty before anything was
    /// observed, and for observers without a range.</summary>
    public virtual ImmutableArray<float> Mins => [];

    /// <summary>The observed maximum, or one for each channel (0 for a channel without a finite value); empty before anything was
    /// observed, and for observers without a range.</summary>
    public virtual ImmutableArray<float> Maxs => [];

    /// <summary>Refines the statistics by one batch.</summary>
    /// <param name="tensor">Float32, of any shape; an empty one changes nothing.</param>
    /// <exception cref="CaliperException">The tensor is of another type, or its shape does not fit.</exception>
    public void Observe(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Type is not ElementType.Float32)
            throw new CaliperException($"A {Name} observes Float32 tensors, not {tensor}.");
        Observe(tensor.Span<float>(), tensor.Shape);
    }

    /// <summary>Refines the statistics by one batch.</summary>
    /// <param name="values">The elements in row-major order; none changes nothing.</param>
    /// <param name="shape">The shape of the tensor that they are.</param>
    /// <exception cref="CaliperException">The shape does not have as many elements, or does not fit.</exception>
    public void Observe(ReadOnlySpan<float> values, Shape shape) => Observe(values, shape, null);

    /// <summary>Refines the statistics by one batch of so many samples.</summary>
    internal void Observe(Tensor tensor, int samples)
    {
        if (tensor.Type is not ElementType.Float32)
            throw new CaliperException($"A {Name} observes Float32 tensors, not {tensor}.");
        Observe(tensor.Span<float>(), tensor.Shape, samples);
    }

    private void Observe(ReadOnlySpan<float> values, Shape shape, int? samples)
    {
        if (shape.ElementCount != values.Length)
            throw new CaliperException($"A tensor of shape {shape} has {shape.ElementCount} elements, not {values.Length}.");
        if (values.IsEmpty) return;
        Samples = samples;
        Update(values, shape);
        BatchCount++;
    }

    /// <summary>The scale and the zero point that the statistics suggest; PyTorch's <c>calculate_qparams</c>.</summary>
    /// <exception cref="CaliperException">Nothing was observed, or the observer is not for computing parameters.</exception>
    public abstract QuantizationParameters CalculateQParams();

    /// <summary>Forgets everything observed.</summary>
    public void Reset()
    {
        BatchCount = 0;
        _skipped = default;
        Clear();
    }

    /// <summary>As PyTorch prints it, with the parameters added: <c>MinMaxObserver(min_val=-3.0825, max_val=2.8611,
    /// scale=0.0233, zero_point=132)</c>.</summary>
    public override string ToString() => $"{Name}({Describe()})";

    /// <summary>Samples in the batch that is being observed, where its maker said.</summary>
    private protected int? Samples { get; private set; }

    /// <summary>PyTorch's name of the class.</summary>
    protected string Name => Spec.Name;

    /// <summary>Whether <see cref="TryLoad"/> needs the range of each batch, because their order matters.</summary>
    protected internal virtual bool NeedsBatches => false;

    /// <summary>Goes to the state in which observing would have left it, from what was collected elsewhere, so that statistics in a file
    /// will do instead of data.</summary>
    /// <param name="statistics">All that was seen; holds at least one value.</param>
    /// <param name="batches">The range of each batch in order; null where nobody kept them.</param>
    /// <returns>False where that does not tell enough: the observer must see the data.</returns>
    protected internal virtual bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches) => false;

    /// <summary>The scale and the zero point of a range for the whole tensor, by the spec's type, scheme and least scale.</summary>
    protected QuantizationParameters Calculate(RealRange range) => Spec.Rule.Calculate(range);

    /// <summary>Takes in one batch that has elements.</summary>
    /// <param name="values">The elements in row-major order; may hold values that are not finite.</param>
    /// <param name="shape">The shape of the tensor that they are.</param>
    protected abstract void Update(ReadOnlySpan<float> values, Shape shape);

    /// <summary>Forgets the statistics of the derived class.</summary>
    protected virtual void Clear() { }

    /// <summary>What stands between the brackets of <see cref="ToString"/>.</summary>
    protected virtual string Describe() => "";

    /// <summary>Adds up what a scan skipped.</summary>
    private protected void CountSkipped(in NonFinite skipped) => _skipped.Add(skipped);

    /// <summary>The error of asking for parameters too early.</summary>
    protected CaliperException NothingObserved() => new(BatchCount == 0
        ? $"A {Name} has observed nothing yet; run calibration batches through the model before asking for parameters."
        : $"A {Name} has seen no finite value in {BatchCount} batches; the model's values are NaN or infinite here.");
}
