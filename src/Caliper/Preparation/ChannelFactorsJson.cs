using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caliper.Preparation;

/// <summary><see cref="ChannelFactors"/> as JSON: <c>{"divided": {"value": [0, 1, -2]}, "undone": {"reader": "value"}}</c>.</summary>
internal static class ChannelFactorsJson
{
    private const string Divided = "divided", Undone = "undone";

    public static ChannelFactors Read(StrictJson json)
    {
        json.AllowOnly([Divided, Undone]);
        return new ChannelFactors
        {
            Exponents = Members(json.Find(Divided)).ToImmutableSortedDictionary(m => m.Name, m => Exponents(m.Value), StringComparer.Ordinal),
            Undone = Members(json.Find(Undone)).ToImmutableSortedDictionary(m => m.Name, m => m.Value.Text(), StringComparer.Ordinal),
        };
    }

    public static void Write(Utf8JsonWriter writer, ChannelFactors factors)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(Divided);
        foreach (var (value, exponents) in factors.Exponents)
        {
            writer.WritePropertyName(value);
            // A person reads a line a value, not one a channel.
            writer.WriteRawValue($"[{string.Join(", ", exponents)}]");
        }
        writer.WriteEndObject();
        writer.WriteStartObject(Undone);
        foreach (var (reader, value) in factors.Undone) writer.WriteString(reader, value);
        writer.WriteEndObject();
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

    private static ImmutableArray<int> Exponents(StrictJson json)
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
