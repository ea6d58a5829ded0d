using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caliper.Preparation;

/// <summary><see cref="ChannelFactors"/> as JSON: <c>{"divided": {"value": [0, 1, -2]}, "undone": {"reader": "value"}, "reads": {"product":
/// [1, 0, 3]}, "split": {"value": {"step": 0.01, "copies": {"7": 4}}}}</c>.</summary>
internal static class ChannelFactorsJson
{
    private const string Divided = "divided", Undone = "undone", Reads = "reads", Split = "split", Step = "step", Copies = "copies";

    public static ChannelFactors Read(StrictJson json)
    {
        json.AllowOnly([Divided, Undone, Reads, Split]);
        return new ChannelFactors
        {
            Exponents = Exponents(json.Find(Divided)),
            Reads = Exponents(json.Find(Reads)),
            Splits = Members(json.Find(Split)).ToImmutableSortedDictionary(m => m.Name, m => SplitOf(m.Value), StringComparer.Ordinal),
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
        if (!factors.Splits.IsEmpty) Write(writer, factors.Splits);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, SplitChannels> splits)
    {
        writer.WriteStartObject(Split);
        foreach (var (value, split) in splits)
        {
            writer.WriteStartObject(value);
            writer.WriteNumber(Step, split.Step);
            writer.WritePropertyName(Copies);
            var copies = split.Copies.Select(c => string.Create(CultureInfo.InvariantCulture, $"\"{c.Key}\": {c.Value}"));
            writer.WriteRawValue($"{{{string.Join(", ", copies)}}}");
            writer.WriteEndObject();
        }
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

    private static SplitChannels SplitOf(StrictJson json)
    {
        json.AllowOnly([Step, Copies]);
        var step = json.Find(Step) is { } said ? said.Number() : throw json.Wrong($"a \"{Step}\"");
        if (!(step > 0) || !float.IsFinite(step)) throw json.Wrong($"a \"{Step}\" above 0");
        return new SplitChannels(step, Members(json.Find(Copies)).ToImmutableSortedDictionary(m => Channel(m.Name), m => Count(m.Value)));

        int Channel(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var channel) ? channel
            : throw json.Wrong("channels by their number");

        static int Count(StrictJson count) => count.Integer() is >= 2 and <= SplitChannels.MostCopies and var copies ? copies
            : throw count.Wrong($"2 to {SplitChannels.MostCopies} copies");
    }

    private static IEnumerable<(string Name, StrictJson Value)> Members(StrictJson? json)
    {
        if (json is not { } found) return [];
        found.RequireObject();
        return found.Element.EnumerateObject().Select(m => (m.Name, new StrictJson(m.Value, $"{found.Place}: \"{m.Name}\"")));
    }
}
