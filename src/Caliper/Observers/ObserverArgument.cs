using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Ranges;

namespace Caliper.Observers;

/// <summary>
/// One argument of an observer by PyTorch's name: how JSON and <c>ToString</c> read it from a spec and put it into one. A spec lists its
/// own in <see cref="ObserverSpec.Arguments"/>.
/// </summary>
public abstract class ObserverArgument
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

    private ObserverArgument(string name, bool isAlwaysWritten) => (Name, IsAlwaysWritten) = (name, isAlwaysWritten);

    /// <summary><c>dtype</c>.</summary>
    public static ObserverArgument DType { get; } = new Of<ObserverSpec, ElementType>("dtype", s => s.DType,
        (s, v) => s with { DType = v }, json => Pick(DTypes, json), v => Array.Find(DTypes, d => d.Type == v).Name, true);

    /// <summary><c>qscheme</c>.</summary>
    public static ObserverArgument Scheme { get; } = new Of<ObserverSpec, QuantizationScheme>("qscheme", s => s.Scheme,
        (s, v) => s with { Scheme = v }, json => Pick(Schemes, json), v => Array.Find(Schemes, d => d.Scheme == v).Name, true);

    /// <summary><c>ch_axis</c>.</summary>
    public static ObserverArgument ChannelAxis { get; } = Integer<ObserverSpec>("ch_axis", s => s.ChannelAxis, (s, v) => s with { ChannelAxis = v });

    /// <summary><c>reduce_range</c>.</summary>
    public static ObserverArgument ReduceRange { get; } = Boolean<ObserverSpec>("reduce_range", s => s.ReduceRange,
        (s, v) => s with { ReduceRange = v });

    /// <summary><c>quant_min</c>.</summary>
    public static ObserverArgument QuantMin { get; } = OptionalInteger<ObserverSpec>("quant_min", s => s.QuantMin, (s, v) => s with { QuantMin = v });

    /// <summary><c>quant_max</c>.</summary>
    public static ObserverArgument QuantMax { get; } = OptionalInteger<ObserverSpec>("quant_max", s => s.QuantMax, (s, v) => s with { QuantMax = v });

    /// <summary><c>eps</c>.</summary>
    public static ObserverArgument Eps { get; } = Number<ObserverSpec>("eps", s => s.Eps, (s, v) => s with { Eps = v });

    /// <summary>PyTorch's name, the key in JSON.</summary>
    public string Name { get; }

    /// <summary>Whether JSON has it even where it is PyTorch's default.</summary>
    internal bool IsAlwaysWritten { get; }

    /// <summary>An argument that is an integer.</summary>
    /// <param name="name">The key in JSON.</param>
    /// <param name="get">Its value in a spec.</param>
    /// <param name="set">The spec with another value.</param>
    public static ObserverArgument Integer<TSpec>(string name, Func<TSpec, int> get, Func<TSpec, int, TSpec> set) where TSpec : ObserverSpec =>
        new Of<TSpec, int>(name, get, set, json => json.Integer(), v => v);

    /// <summary>An argument that is an integer or left out.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument OptionalInteger<TSpec>(string name, Func<TSpec, int?> get, Func<TSpec, int?, TSpec> set)
        where TSpec : ObserverSpec => new Of<TSpec, int?>(name, get, set, json => json.Integer(), v => v);

    /// <summary>An argument that is a float32.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument Number<TSpec>(string name, Func<TSpec, float> get, Func<TSpec, float, TSpec> set) where TSpec : ObserverSpec =>
        new Of<TSpec, float>(name, get, set, json => json.Number(), v => v);

    /// <summary>An argument that is a float32 or left out.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument OptionalNumber<TSpec>(string name, Func<TSpec, float?> get, Func<TSpec, float?, TSpec> set)
        where TSpec : ObserverSpec => new Of<TSpec, float?>(name, get, set, json => json.Number(), v => v);

    /// <summary>An argument that is a float64.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument Double<TSpec>(string name, Func<TSpec, double> get, Func<TSpec, double, TSpec> set) where TSpec : ObserverSpec =>
        new Of<TSpec, double>(name, get, set, json => json.Double(), v => v);

    /// <summary>An argument that is true or false.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument Boolean<TSpec>(string name, Func<TSpec, bool> get, Func<TSpec, bool, TSpec> set) where TSpec : ObserverSpec =>
        new Of<TSpec, bool>(name, get, set, json => json.Boolean(), v => v);

    /// <summary>An argument that is a range method, always written.</summary>
    /// <inheritdoc cref="Integer"/>
    public static ObserverArgument Method<TSpec>(string name, Func<TSpec, RangeMethod> get, Func<TSpec, RangeMethod, TSpec> set)
        where TSpec : ObserverSpec => new Of<TSpec, RangeMethod>(name, get, set, ReadMethod, v => v.ToString(), true);

    /// <summary>The value as JSON has it: a string, a truth value or a number; null where it is left out.</summary>
    internal abstract object? Shown(ObserverSpec spec);

    /// <summary>The spec with the value that stands in JSON.</summary>
    internal abstract ObserverSpec Read(ObserverSpec spec, StrictJson json);

    /// <summary>The value itself.</summary>
    private protected abstract object? ValueOf(ObserverSpec spec);

    /// <summary>The spec with a value; as it is where the value is of another type.</summary>
    private protected abstract ObserverSpec With(ObserverSpec spec, object? value);

    /// <summary>A spec with the value that another one's argument of the same name has.</summary>
    internal ObserverSpec Copy(ObserverSpec spec, ObserverSpec other) =>
        other.Arguments.FirstOrDefault(a => a.Name == Name) is { } theirs ? With(spec, theirs.ValueOf(other)) : spec;

    private static RangeMethod ReadMethod(StrictJson json)
    {
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

    private sealed class Of<TSpec, TValue>(string name, Func<TSpec, TValue> get, Func<TSpec, TValue, TSpec> set, Func<StrictJson, TValue> read,
        Func<TValue, object?> show, bool isAlwaysWritten = false) : ObserverArgument(name, isAlwaysWritten) where TSpec : ObserverSpec
    {
        private readonly Func<TSpec, TValue> _get = get ?? throw new ArgumentNullException(nameof(get));
        private readonly Func<TSpec, TValue, TSpec> _set = set ?? throw new ArgumentNullException(nameof(set));

        internal override object? Shown(ObserverSpec spec) => show(_get((TSpec)spec));

        internal override ObserverSpec Read(ObserverSpec spec, StrictJson json) => _set((TSpec)spec, read(json));

        private protected override object? ValueOf(ObserverSpec spec) => _get((TSpec)spec);

        private protected override ObserverSpec With(ObserverSpec spec, object? value) =>
            value is TValue typed ? _set((TSpec)spec, typed) : value is null && default(TValue) is null ? _set((TSpec)spec, default!) : spec;
    }
}
