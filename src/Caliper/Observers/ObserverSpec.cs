using System.Text;
using System.Text.Json;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers.OnnxRuntime;
using Caliper.Ranges;

namespace Caliper.Observers;

/// <summary>
/// Which observer, with which arguments: PyTorch's <c>MinMaxObserver.with_args(…)</c> as an immutable value. Start from one
/// of the static specs, which hold PyTorch's defaults: <c>ObserverSpec.MinMax with { ReduceRange = true }</c>.
/// </summary>
/// <param name="Kind">The observer.</param>
public sealed record ObserverSpec(ObserverKind Kind)
{
    /// <summary>PyTorch's default <c>eps</c>, <c>torch.finfo(torch.float32).eps</c> = 2⁻²³.</summary>
    public const float DefaultEps = RangeRule.DefaultEps;

    /// <summary><c>MinMaxObserver</c> with PyTorch's defaults: <c>quint8</c>, per tensor, affine.</summary>
    public static ObserverSpec MinMax { get; } = new(ObserverKind.MinMax);

    /// <summary><c>MovingAverageMinMaxObserver</c> with PyTorch's defaults.</summary>
    public static ObserverSpec MovingAverageMinMax { get; } = new(ObserverKind.MovingAverageMinMax);

    /// <summary><c>PerChannelMinMaxObserver</c> with PyTorch's defaults: <c>quint8</c>, affine, axis 0.</summary>
    public static ObserverSpec PerChannelMinMax { get; } =
        new(ObserverKind.PerChannelMinMax) { Scheme = QuantizationScheme.PerChannelAffine };

    /// <summary><c>MovingAveragePerChannelMinMaxObserver</c> with PyTorch's defaults.</summary>
    public static ObserverSpec MovingAveragePerChannelMinMax { get; } =
        new(ObserverKind.MovingAveragePerChannelMinMax) { Scheme = QuantizationScheme.PerChannelAffine };

    /// <summary><c>HistogramObserver</c> with PyTorch's defaults: 2048 bins.</summary>
    public static ObserverSpec Histogram { get; } = new(ObserverKind.Histogram);

    /// <summary><c>StatisticsObserver</c> with a way to choose the range.</summary>
    public static ObserverSpec Statistics(RangeMethod method) => new(ObserverKind.Statistics) { Method = method };

    /// <summary><c>OnnxRuntimeEntropyObserver</c> with ONNX Runtime's defaults: 128 bins into 128.</summary>
    public static ObserverSpec OnnxRuntimeEntropy { get; } = new(ObserverKind.OnnxRuntimeEntropy) { Bins = 128 };

    /// <summary><c>OnnxRuntimePercentileObserver</c> with ONNX Runtime's defaults: 2048 bins, 99.999 %.</summary>
    public static ObserverSpec OnnxRuntimePercentile { get; } = new(ObserverKind.OnnxRuntimePercentile);

    /// <summary><c>FixedQParamsObserver</c>.</summary>
    public static ObserverSpec FixedQParams(float scale, int zeroPoint) =>
        new(ObserverKind.FixedQParams) { Scale = scale, ZeroPoint = zeroPoint };

    /// <summary><c>PlaceholderObserver</c> with PyTorch's defaults.</summary>
    public static ObserverSpec Placeholder { get; } = new(ObserverKind.Placeholder) { DType = ElementType.Float32 };

    /// <summary><c>RecordingObserver</c>.</summary>
    public static ObserverSpec Recording { get; } = new(ObserverKind.Recording);

    /// <summary><c>NoopObserver</c> with PyTorch's defaults.</summary>
    public static ObserverSpec Noop { get; } = new(ObserverKind.Noop) { DType = ElementType.Float16 };

    /// <summary><c>ReuseInputObserver</c>.</summary>
    public static ObserverSpec ReuseInput { get; } = new(ObserverKind.ReuseInput);

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

    /// <summary>PyTorch's <c>averaging_constant</c>: the weight of a new batch, above 0 and at most 1.</summary>
    public float AveragingConstant { get; init; } = 0.01f;

    /// <summary>PyTorch's <c>bins</c> of a histogram; ONNX Runtime's <c>num_bins</c>.</summary>
    public int Bins { get; init; } = 2048;

    /// <summary>How a <c>StatisticsObserver</c> chooses the range.</summary>
    public RangeMethod Method { get; init; } = RangeMethod.Mse;

    /// <summary>ONNX Runtime's <c>percentile</c>: the share of the values, in percent, that an <c>OnnxRuntimePercentileObserver</c>
    /// keeps; above 0 and at most 100.</summary>
    public double Percentile { get; init; } = 99.999;

    /// <summary>ONNX Runtime's <c>num_quantized_bins</c>: what an <c>OnnxRuntimeEntropyObserver</c> merges the bins into; from 2
    /// to <see cref="Bins"/>.</summary>
    public int QuantizedBins { get; init; } = 128;

    /// <summary>The scale that is known beforehand.</summary>
    public float? Scale { get; init; }

    /// <summary>The zero point that is known beforehand.</summary>
    public int? ZeroPoint { get; init; }

    /// <summary>Whether each channel has its own range.</summary>
    public bool IsPerChannel => Kind is ObserverKind.PerChannelMinMax or ObserverKind.MovingAveragePerChannelMinMax;

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

    /// <summary>A new observer that has seen nothing.</summary>
    /// <param name="channelAxis">Takes the place of <see cref="ChannelAxis"/> where the observer is per channel: the axis of
    /// the output channels depends on the operator whose weight it is.</param>
    /// <exception cref="CaliperException">The arguments do not go together; the message says why.</exception>
    public Observer Create(int? channelAxis = null)
    {
        var spec = IsPerChannel && channelAxis is { } axis ? this with { ChannelAxis = axis } : this;
        return Kind switch
        {
            ObserverKind.MinMax => new MinMaxObserver(spec),
            ObserverKind.MovingAverageMinMax => new MovingAverageMinMaxObserver(spec),
            ObserverKind.PerChannelMinMax => new PerChannelMinMaxObserver(spec),
            ObserverKind.MovingAveragePerChannelMinMax => new MovingAveragePerChannelMinMaxObserver(spec),
            ObserverKind.Histogram => new HistogramObserver(spec),
            ObserverKind.Statistics => new StatisticsObserver(spec),
            ObserverKind.OnnxRuntimeEntropy => new OnnxRuntimeEntropyObserver(spec),
            ObserverKind.OnnxRuntimePercentile => new OnnxRuntimePercentileObserver(spec),
            ObserverKind.FixedQParams => new FixedQParamsObserver(spec),
            ObserverKind.Placeholder => new PlaceholderObserver(spec),
            ObserverKind.Recording => new RecordingObserver(spec),
            ObserverKind.Noop => new NoopObserver(spec),
            _ => new ReuseInputObserver(spec),
        };
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
    public override string ToString() => ObserverJson.Text(this);
}
