using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caliper.Preparation;

/// <summary><see cref="ChannelFactors"/> as JSON: <c>{"divided": {"value": [0, 1, -2]}, "undone": {"reader": "value"}, "reads": {"product":
/// [1, 0, 3]}}</c>.</summary>
internal static class ChannelFactorsJson
{
    private const string Divided = "divided", Undone = "undone", Reads = "reads";

    public static ChannelFactors Read(StrictJson json)
    {
        json.AllowOnly([Divided, Undone, Reads]);
        return new ChannelFactors
        {
            Exponents = Exponents(json.Find(Divided)),
            Reads = Exponents(json.Find(Reads)),
            Undone = Members(json.Find(Undone)).ToImmutableSortedDictionary(m => m.Name, m => m.Value.Text(), StringComparer.Ordinal),
        };
    }

    public static void Write(Utf8JsonWriter writer, ChannelFactors factors)
    {
        writer.WriteStartObject();
        Write(writer, Divided, factors.Exponents);
        writer.WriteStartObject(Undone);
        foreach (var (reader, value) in factors.Undone) writer.WriteString(reader, value);
        writer.WriteEndObject();
        Write(writer, Reads, factors.Reads);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string key, ImmutableSortedDictionary<string, ImmutableArray<int>> all)
    {
        writer.WriteStartObject(key);
        foreach (var (name, exponents) in all)
        {
            writer.WritePropertyName(name);
            // For a person: a line for each value, not one for each channel.
            writer.WriteRawValue($"[{string.Join(", ", exponents)}]");
        }
        writer.WriteEndObject();
    }

    /// <summary>One line, for the metadata of a file.</summary>
    public static string ToLine(ChannelFactors factors)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, factors);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads what <see cref="ToLine"/> wrote.</summary>
    /// <param name="line">The line.</param>
    /// <param name="place">Where it stands, for the error.</param>
    public static ChannelFactors FromLine(string line, string place) => Read(StrictJson.Parse(Encoding.UTF8.GetBytes(line), place));

    private static ImmutableSortedDictionary<string, ImmutableArray<int>> Exponents(StrictJson? json) =>
        Members(json).ToImmutableSortedDictionary(m => m.Name, m => Numbers(m.Value), StringComparer.Ordinal);

    private static ImmutableArray<int> Numbers(StrictJson json)
    {
        var all = json.Items().Select(i => i.Integer()).ToImmutableArray();
        return all.All(e => Math.Abs(e) <= ChannelFactors.MostExponent) ? all
            : throw json.Wrong($"exponents between {-ChannelFactors.MostExponent} and {ChannelFactors.MostExponent}");
    }

    private static IEnumerable<(string Name, StrictJson Value)> Members(StrictJson? json)
    {
        if (json is not { } found) return [];
        found.RequireObject();
        return found.Element.EnumerateObject().Select(m => (m.Name, new StrictJson(m.Value, $"{found.Place}: \"{m.Name}\"")));
    }
}
