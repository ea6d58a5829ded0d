using System.Globalization;
using System.Text.Json;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Ranges;

namespace Caliper.Observers;

/// <summary>
/// An observer's arguments by PyTorch's names: <c>{"observer": "HistogramObserver", "dtype": "quint8", "qscheme":
/// "per_tensor_affine", "reduce_range": true}</c>. What is left out keeps PyTorch's default.
/// </summary>
internal static class ObserverJson
{
    private static readonly (QuantizationScheme Scheme, string Name)[] Schemes =
    [
        (QuantizationScheme.PerTensorAffine, "per_tensor_affine"),
        (QuantizationScheme.PerTensorSymmetric, "per_tensor_symmetric"),
        (QuantizationScheme.PerChannelAffine, "per_channel_affine"),
        (QuantizationScheme.PerChannelSymmetric, "per_channel_symmetric"),
        (QuantizationScheme.PerChannelAffineFloatQParams, "per_channel_affine_float_qparams"),
    ];

    private static readonly (ElementType Type, string Name)[] DTypes =
    [
        (ElementType.UInt8, "quint8"), (ElementType.Int8, "qint8"), (ElementType.Int32, "qint32"),
        (ElementType.Float32, "float32"), (ElementType.Float16, "float16"),
        (ElementType.UInt8, "uint8"), (ElementType.Int8, "int8"), (ElementType.Int32, "int32"),
    ];

    private static readonly string[] RangeKeys =
        ["observer", "dtype", "qscheme", "reduce_range", "quant_min", "quant_max", "eps"];

    /// <summary>Reads a spec.</summary>
    /// <exception cref="CaliperException">A key is unknown to the observer, a value is wrong, or they do not go
    /// together.</exception>
    public static ObserverSpec Read(StrictJson json)
    {
        json.RequireObject();
        var name = json.Find("observer") ?? throw new CaliperException($"{json.Place}: the key \"observer\" is missing.");
        var kind = Kind(name);
        json.AllowOnly(KeysOf(kind));
        var spec = Defaults(kind);
        if (json.Find("dtype") is { } dtype) spec = spec with { DType = Pick(DTypes, dtype) };
        if (json.Find("qscheme") is { } scheme) spec = spec with { Scheme = Pick(Schemes, scheme) };
        spec = spec with
        {
            ReduceRange = json.Find("reduce_range")?.Boolean() ?? spec.ReduceRange,
            QuantMin = json.Find("quant_min")?.Integer() ?? spec.QuantMin,
            QuantMax = json.Find("quant_max")?.Integer() ?? spec.QuantMax,
            Eps = json.Find("eps")?.Number() ?? spec.Eps,
            ChannelAxis = json.Find("ch_axis")?.Integer() ?? spec.ChannelAxis,
            AveragingConstant = json.Find("averaging_constant")?.Number() ?? spec.AveragingConstant,
            Bins = json.Find("bins")?.Integer() ?? spec.Bins,
            Method = ReadMethod(json.Find("method")) ?? spec.Method,
            Percentile = json.Find("percentile")?.Double() ?? spec.Percentile,
            QuantizedBins = json.Find("num_quantized_bins")?.Integer() ?? spec.QuantizedBins,
            Scale = json.Find("scale")?.Number() ?? spec.Scale,
            ZeroPoint = json.Find("zero_point")?.Integer() ?? spec.ZeroPoint,
        };
        try
        {
            spec.Validate();
        }
        catch (CaliperException error)
        {
            throw new CaliperException($"{json.Place}: {error.Message}", error);
        }
        return spec;
    }

    /// <summary>Writes the observer, its type and scheme, and whatever differs from PyTorch's defaults.</summary>
    public static void Write(Utf8JsonWriter writer, ObserverSpec spec)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in Arguments(spec, always: ["dtype", "qscheme", "method"]).Prepend(("observer", $"{spec.Kind}Observer")))
        {
            writer.WritePropertyName(key);
            switch (value)
            {
                case string text: writer.WriteStringValue(text); break;
                case bool truth: writer.WriteBooleanValue(truth); break;
                case int integer: writer.WriteNumberValue(integer); break;
                case double number: writer.WriteNumberValue(number); break;
                default: writer.WriteNumberValue((float)value); break;
            }
        }
        writer.WriteEndObject();
    }

    /// <summary>As Python would print it, the arguments that differ from PyTorch's defaults only.</summary>
    public static string Text(ObserverSpec spec)
    {
        var arguments = Arguments(spec, always: [])
            .Select(argument => string.Create(CultureInfo.InvariantCulture, $"{argument.Key}={argument.Value}"));
        return $"{spec.Kind}Observer({string.Join(", ", arguments)})";
    }

    private static IEnumerable<(string Key, object Value)> Arguments(ObserverSpec spec, string[] always)
    {
        var defaults = Defaults(spec.Kind);
        var keys = KeysOf(spec.Kind);
        return
            from argument in Values(spec).Zip(Values(defaults), (mine, theirs) => (mine.Key, mine.Value, Default: theirs.Value))
            where argument.Value is not null && keys.Contains(argument.Key)
            where always.Contains(argument.Key) || !argument.Value.Equals(argument.Default)
            select (argument.Key, argument.Value);
    }

    private static (string Key, object? Value)[] Values(ObserverSpec spec) =>
    [
        ("scale", spec.Scale), ("zero_point", spec.ZeroPoint),
        ("dtype", Array.Find(DTypes, d => d.Type == spec.DType).Name),
        ("qscheme", Array.Find(Schemes, s => s.Scheme == spec.Scheme).Name),
        ("ch_axis", spec.ChannelAxis), ("reduce_range", spec.ReduceRange),
        ("quant_min", spec.QuantMin), ("quant_max", spec.QuantMax),
        ("averaging_constant", spec.AveragingConstant), ("bins", spec.Bins), ("eps", spec.Eps),
        ("method", spec.Method.ToString()), ("percentile", spec.Percentile), ("num_quantized_bins", spec.QuantizedBins),
    ];

    private static string[] KeysOf(ObserverKind kind) => kind switch
    {
        ObserverKind.MinMax => RangeKeys,
        ObserverKind.MovingAverageMinMax => [.. RangeKeys, "averaging_constant"],
        ObserverKind.PerChannelMinMax => [.. RangeKeys, "ch_axis"],
        ObserverKind.MovingAveragePerChannelMinMax => [.. RangeKeys, "ch_axis", "averaging_constant"],
        ObserverKind.Histogram => [.. RangeKeys, "bins"],
        ObserverKind.Statistics => [.. RangeKeys, "method"],
        ObserverKind.OnnxRuntimeEntropy => [.. RangeKeys, "bins", "num_quantized_bins"],
        ObserverKind.OnnxRuntimePercentile => [.. RangeKeys, "bins", "percentile"],
        ObserverKind.FixedQParams => ["observer", "scale", "zero_point", "dtype", "qscheme", "quant_min", "quant_max"],
        ObserverKind.Placeholder => ["observer", "dtype", "qscheme", "quant_min", "quant_max", "eps"],
        ObserverKind.Recording or ObserverKind.Noop => ["observer", "dtype"],
        _ => ["observer"],
    };

    private static ObserverSpec Defaults(ObserverKind kind) => kind switch
    {
        ObserverKind.PerChannelMinMax => ObserverSpec.PerChannelMinMax,
        ObserverKind.MovingAveragePerChannelMinMax => ObserverSpec.MovingAveragePerChannelMinMax,
        ObserverKind.OnnxRuntimeEntropy => ObserverSpec.OnnxRuntimeEntropy,
        ObserverKind.Placeholder => ObserverSpec.Placeholder,
        ObserverKind.Noop => ObserverSpec.Noop,
        _ => new ObserverSpec(kind),
    };

    private static ObserverKind Kind(StrictJson name)
    {
        foreach (var kind in Enum.GetValues<ObserverKind>()) if (name.Text() == $"{kind}Observer") return kind;
        throw name.Wrong($"one of {string.Join(", ", Enum.GetValues<ObserverKind>().Select(kind => $"{kind}Observer"))}");
    }

    private static RangeMethod? ReadMethod(StrictJson? value)
    {
        if (value is not { } json) return null;
        try
        {
            return RangeMethod.Parse(json.Text());
        }
        catch (CaliperException error)
        {
            throw new CaliperException($"{json.Place}: {error.Message}", error);
        }
    }

    private static T Pick<T>((T Value, string Name)[] choices, StrictJson json)
    {
        var text = json.Text();
        foreach (var (value, name) in choices) if (name == text) return value;
        throw json.Wrong($"one of {string.Join(", ", choices.Select(choice => choice.Name))}");
    }
}
