using System.Globalization;
using System.Text.Json;

namespace Caliper.Observers;

/// <summary>
/// An observer's arguments by PyTorch's names: <c>{"observer": "HistogramObserver", "dtype": "quint8", "qscheme":
/// "per_tensor_affine", "reduce_range": true}</c>. What is left out keeps PyTorch's default.
/// </summary>
internal static class ObserverJson
{
    private const string Observer = "observer";

    /// <summary>Reads a spec.</summary>
    /// <exception cref="CaliperException">A key is unknown to the observer, a value is wrong, or they do not go
    /// together.</exception>
    public static ObserverSpec Read(StrictJson json)
    {
        json.RequireObject();
        var name = json.Find(Observer) ?? throw new CaliperException($"{json.Place}: the key \"{Observer}\" is missing.");
        var spec = ObserverSpec.Find(name.Text()) ?? throw name.Wrong($"one of {string.Join(", ", ObserverSpec.Known.Select(s => s.Name))}");
        json.AllowOnly([Observer, .. spec.Arguments.Select(a => a.Name)]);
        foreach (var argument in spec.Arguments) if (json.Find(argument.Name) is { } value) spec = argument.Read(spec, value);
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
        writer.WriteString(Observer, spec.Name);
        foreach (var (key, value) in Arguments(spec, isFile: true))
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
        var arguments = Arguments(spec, isFile: false)
            .Select(argument => string.Create(CultureInfo.InvariantCulture, $"{argument.Key}={argument.Value}"));
        return $"{spec.Name}({string.Join(", ", arguments)})";
    }

    private static IEnumerable<(string Key, object Value)> Arguments(ObserverSpec spec, bool isFile)
    {
        // A spec that nobody registered can be printed all the same, with everything that it says.
        var defaults = ObserverSpec.Find(spec.Name) is { } known && known.GetType() == spec.GetType() ? known : null;
        return
            from argument in spec.Arguments
            let value = argument.Shown(spec)
            where value is not null && (isFile && argument.IsAlwaysWritten || defaults is null || !value.Equals(argument.Shown(defaults)))
            select (argument.Name, value);
    }
}
