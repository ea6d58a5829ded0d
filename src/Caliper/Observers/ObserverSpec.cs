using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers.OnnxRuntime;
using Caliper.Ranges;

namespace Caliper.Observers;

/// <summary>
/// Which observer, with which arguments: PyTorch's <c>MinMaxObserver.with_args(…)</c> as an immutable value. Start from one
/// of the static specs, which hold PyTorch's defaults: <c>ObserverSpec.MinMax with { ReduceRange = true }</c>. Each observer has a
/// record of its own beside it; derive another to write an observer of your own, and <see cref="Register"/> it.
/// </summary>
public abstract record ObserverSpec
{
    /// <summary>PyTorch's default <c>eps</c>, <c>torch.finfo(torch.float32).eps</c> = 2⁻²³.</summary>
    public const float DefaultEps = RangeRule.DefaultEps;

    /// <summary>A spec with PyTorch's defaults: <c>quint8</c>, per tensor, affine.</summary>
    protected ObserverSpec() { }

    /// <summary><c>MinMaxObserver</c> with PyTorch's defaults: <c>quint8</c>, per tensor, affine.</summary>
    public static MinMaxSpec MinMax { get; } = new();

    /// <summary><c>MovingAverageMinMaxObserver</c> with PyTorch's defaults.</summary>
    public static MovingAverageMinMaxSpec MovingAverageMinMax { get; } = new();

    /// <summary><c>PerChannelMinMaxObserver</c> with PyTorch's defaults: <c>quint8</c>, affine, axis 0.</summary>
    public static PerChannelMinMaxSpec PerChannelMinMax { get; } = new();

    /// <summary><c>MovingAveragePerChannelMinMaxObserver</c> with PyTorch's defaults.</summary>
    public static MovingAveragePerChannelMinMaxSpec MovingAveragePerChannelMinMax { get; } = new();

    /// <summary><c>HistogramObserver</c> with PyTorch's defaults: 2048 bins.</summary>
    public static HistogramSpec Histogram { get; } = new();

    /// <summary><c>OnnxRuntimeEntropyObserver</c> with ONNX Runtime's defaults: 128 bins into 128.</summary>
    public static OnnxRuntimeEntropySpec OnnxRuntimeEntropy { get; } = new();

    /// <summary><c>OnnxRuntimePercentileObserver</c> with ONNX Runtime's defaults: 2048 bins, 99.999 %.</summary>
    public static OnnxRuntimePercentileSpec OnnxRuntimePercentile { get; } = new();

    /// <summary><c>PlaceholderObserver</c> with PyTorch's defaults.</summary>
    public static PlaceholderSpec Placeholder { get; } = new();

    /// <summary><c>RecordingObserver</c>.</summary>
    public static RecordingSpec Recording { get; } = new();

    /// <summary><c>NoopObserver</c> with PyTorch's defaults.</summary>
    public static NoopSpec Noop { get; } = new();

    /// <summary><c>ReuseInputObserver</c>.</summary>
    public static ReuseInputSpec ReuseInput { get; } = new();

    /// <summary>Every built-in observer with its defaults.</summary>
    public static ImmutableArray<ObserverSpec> All { get; } =
    [
        MinMax, MovingAverageMinMax, PerChannelMinMax, MovingAveragePerChannelMinMax, Histogram, new StatisticsSpec(),
        OnnxRuntimeEntropy, OnnxRuntimePercentile, new FixedQParamsSpec(), Placeholder, Recording, Noop, ReuseInput,
    ];

    private static readonly Registry<ObserverSpec> Registry =
        new(All, spec => new[] { spec.Name, spec.CommandName }.OfType<string>().Distinct());

    /// <summary>Every observer that JSON and the command line know: <see cref="All"/>, and those registered.</summary>
    public static ImmutableArray<ObserverSpec> Known => Registry.All;

    /// <summary><c>StatisticsObserver</c> with a way to choose the range.</summary>
    public static StatisticsSpec Statistics(RangeMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return new() { Method = method };
    }

    /// <summary><c>FixedQParamsObserver</c>.</summary>
    public static FixedQParamsSpec FixedQParams(float scale, int zeroPoint) => new() { Scale = scale, ZeroPoint = zeroPoint };

    /// <summary>PyTorch's name of the observer's class, by which JSON knows it: <c>MinMaxObserver</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the command line calls it, beside <see cref="Name"/>; null for an observer that activations cannot have without
    /// more being said.</summary>
    public virtual string? CommandName => IsPerChannel ? null : Name;

    /// <summary>The stored type, PyTorch's <c>dtype</c>.</summary>
    public ElementType DType { get; init; } = ElementType.UInt8;

    /// <summary>PyTorch's <c>qscheme</c>.</summary>
    public QuantizationScheme Scheme { get; init; } = QuantizationScheme.PerTensorAffine;

    /// <summary>PyTorch's <c>reduce_range</c>: use one bit less.</summary>
    public bool ReduceRange { get; init; }

    /// <summary>PyTorch's <c>quant_min</c>, set together with <see cref="QuantMax"/>; null for the type's own.</summary>
    public int? QuantMin { get; init; }

    /// <summary>PyTorch's <c>quant_max</c>, set together with <see cref="QuantMin"/>; null for the type's own.</summary>
    public int? QuantMax { get; init; }

    /// <summary>PyTorch's <c>eps</c>: the least scale.</summary>
    public float Eps { get; init; } = DefaultEps;

    /// <summary>PyTorch's <c>ch_axis</c>: the axis that the channels lie along; negative counts from the end.</summary>
    public int ChannelAxis { get; init; }

    /// <summary>Whether each channel has its own range.</summary>
    public virtual bool IsPerChannel => false;

    /// <summary>The range method that decides, for observers whose range one chooses from statistics.</summary>
    public virtual RangeMethod? UsedMethod => null;

    /// <summary>The arguments that JSON takes and <see cref="ToString"/> shows, in their order.</summary>
    public virtual ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ReduceRange, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Eps,
    ];

    /// <summary>Whether the range of integers was chosen by the user.</summary>
    public bool HasCustomRange => QuantMin is not null && QuantMax is not null;

    /// <summary>The integers used, after <see cref="QuantMin"/>, <see cref="QuantMax"/> and <see cref="ReduceRange"/>.</summary>
    /// <exception cref="CaliperException">The type is not a quantized one, or the range does not fit it.</exception>
    public QuantizedType QuantizedType
    {
        get
        {
            var type = QuantizedType.Of(DType);
            if (QuantMin is { } min && QuantMax is { } max) type = type.WithRange(min, max);
            return ReduceRange ? type.Reduced() : type;
        }
    }

    /// <summary>From a range to a scale and a zero point.</summary>
    internal RangeRule Rule => new(QuantizedType, Scheme, Eps);

    /// <summary>Makes an observer of users known to JSON and to the command line, by its <see cref="Name"/> and its
    /// <see cref="CommandName"/>. Any thread may; once is enough.</summary>
    /// <param name="defaults">The spec with its defaults.</param>
    /// <exception cref="CaliperException">A name is taken, or is not made of letters, digits, '-', '_' and '.'.</exception>
    public static void Register(ObserverSpec defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        Registry.Add(defaults);
    }

    /// <summary>A new observer that has seen nothing.</summary>
    /// <param name="channelAxis">Takes the place of <see cref="ChannelAxis"/> where the observer is per channel: the axis of
    /// the output channels depends on the operator whose weight it is.</param>
    /// <exception cref="CaliperException">The arguments do not go together; the message says why.</exception>
    public Observer Create(int? channelAxis = null) =>
        IsPerChannel && channelAxis is { } axis ? (this with { ChannelAxis = axis }).CreateObserver() : CreateObserver();

    /// <summary>This observer with the arguments of another, as far as both have them: the type, the scheme and the range of integers
    /// of a <c>HistogramObserver</c>, say, for a <c>MinMaxObserver</c>.</summary>
    /// <param name="other">Whose arguments are taken.</param>
    public ObserverSpec WithArgumentsOf(ObserverSpec other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Arguments.Aggregate(this, (spec, argument) => argument.Copy(spec, other));
    }

    /// <summary>Reads <c>{"observer": "HistogramObserver", "dtype": "quint8", …}</c>, with PyTorch's names and
    /// defaults.</summary>
    /// <exception cref="CaliperException">The JSON is not valid, a key is unknown to the observer, or a value is
    /// wrong.</exception>
    public static ObserverSpec FromJson(string json) =>
        ObserverJson.Read(StrictJson.Parse(Encoding.UTF8.GetBytes(json), "The observer"));

    /// <summary>The JSON that <see cref="FromJson"/> reads, with what differs from PyTorch's defaults.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) ObserverJson.Write(writer, this);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The observer and the arguments that differ from PyTorch's defaults:
    /// <c>HistogramObserver(reduce_range=True)</c>.</summary>
    public sealed override string ToString() => ObserverJson.Text(this);

    /// <summary>The known observer of a name, with its defaults; null where there is none.</summary>
    internal static ObserverSpec? Find(string name) => Known.FirstOrDefault(spec => spec.Name == name);

    /// <summary>A new observer with these arguments.</summary>
    protected abstract Observer CreateObserver();

    /// <summary>Refuses arguments that do not go together. Every observer calls it when it is made; what overrides it calls the base.</summary>
    /// <exception cref="CaliperException">They do not; see <see cref="Wrong"/>.</exception>
    protected internal virtual void Validate() => ObserverRules.Check(this);

    /// <summary>The error of an argument that is wrong.</summary>
    /// <param name="reason">What is wrong, and what would be right.</param>
    protected internal CaliperException Wrong(FormattableString reason) => new($"{Name}: {FormattableString.Invariant(reason)}.");
}
