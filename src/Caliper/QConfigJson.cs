using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Caliper.Observers;

namespace Caliper;

/// <summary>A <see cref="QConfigMapping"/> as JSON; see <see cref="QConfigMapping.FromJson"/> for its form.</summary>
internal static class QConfigJson
{
    private const string Global = "global", OperatorType = "operator_type", Glob = "name_glob", Name = "name";
    private const string Pattern = "pattern", QConfig = "qconfig", Activation = "activation", Weight = "weight",
        QuantizeOutputs = "quantize_outputs", FixedRanges = "fixed_ranges", CorrectBias = "correct_bias";

    public static QConfigMapping Read(ReadOnlyMemory<byte> utf8, string place)
    {
        var root = StrictJson.Parse(utf8, place);
        if (root.Element.ValueKind is not JsonValueKind.Object || root.Find(Activation) is not null) return ReadQConfig(root);
        root.AllowOnly([Global, OperatorType, Glob, Name]);
        if (root.Find(Global) is not { } global)
            throw new CaliperException(
                $"{place}: the key \"{Global}\" is missing; give a qconfig, or null to keep all other layers float.");
        QConfigMapping mapping = ReadQConfig(global);
        foreach (var (opType, part) in Members(root.Find(OperatorType))) mapping = mapping.SetOperatorType(opType, ReadQConfig(part));
        foreach (var (pattern, part) in Globs(root.Find(Glob))) mapping = mapping.SetNameGlob(pattern, ReadQConfig(part));
        foreach (var (name, part) in Members(root.Find(Name))) mapping = mapping.SetName(name, ReadQConfig(part));
        return mapping;
    }

    public static string Write(QConfigMapping mapping)
    {
        using var stream = new MemoryStream();
        // The file is read by people, not embedded in a web page: '+' stays '+'.
        var options =
            new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            writer.WriteStartObject();
            WriteQConfig(writer, Global, mapping.Global);
            WriteMembers(writer, OperatorType, mapping.OperatorTypes);
            if (!mapping.NameGlobs.IsEmpty)
            {
                writer.WriteStartArray(Glob);
                foreach (var (pattern, qconfig) in mapping.NameGlobs)
                {
                    writer.WriteStartObject();
                    writer.WriteString(Pattern, pattern);
                    WriteQConfig(writer, QConfig, qconfig);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
            WriteMembers(writer, Name, mapping.Names);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static QConfig? ReadQConfig(StrictJson json)
    {
        switch (json.Element.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                foreach (var preset in Caliper.QConfig.Presets) if (preset.Name == json.Text()) return preset.QConfig;
                break;
            case JsonValueKind.Object:
                json.AllowOnly([Activation, Weight, QuantizeOutputs, FixedRanges, CorrectBias]);
                var qconfig = new QConfig(Part(json, Activation), Part(json, Weight));
                return qconfig with
                {
                    QuantizeOutputs = json.Find(QuantizeOutputs)?.Boolean() ?? qconfig.QuantizeOutputs,
                    FixedRanges = json.Find(FixedRanges)?.Boolean() ?? qconfig.FixedRanges,
                    CorrectBias = json.Find(CorrectBias)?.Boolean() ?? qconfig.CorrectBias,
                };
        }
        var presets = string.Join(", ", Caliper.QConfig.Presets.Select(p => p.Name));
        throw json.Wrong($"null, one of {presets}, or an object with activation and weight");
    }

    private static ObserverSpec Part(StrictJson json, string key) =>
        ObserverJson.Read(json.Find(key) ?? throw new CaliperException($"{json.Place}: the key \"{key}\" is missing."));

    private static IEnumerable<(string Key, StrictJson Value)> Members(StrictJson? json)
    {
        if (json is not { } found) yield break;
        found.RequireObject();
        foreach (var member in found.Element.EnumerateObject())
            yield return (member.Name, new StrictJson(member.Value, $"{found.Place}: \"{member.Name}\""));
    }

    private static IEnumerable<(string Pattern, StrictJson QConfig)> Globs(StrictJson? json)
    {
        if (json is not { } found) yield break;
        if (found.Element.ValueKind is not JsonValueKind.Array) throw found.Wrong("a list of {\"pattern\", \"qconfig\"}");
        foreach (var (index, element) in found.Element.EnumerateArray().Index())
        {
            var glob = new StrictJson(element, $"{found.Place}: #{index}");
            glob.AllowOnly([Pattern, QConfig]);
            if (glob.Find(Pattern) is not { } pattern || glob.Find(QConfig) is not { } qconfig)
                throw glob.Wrong("an object with pattern and qconfig");
            yield return (pattern.Text(), qconfig);
        }
    }

    private static void WriteMembers(Utf8JsonWriter writer, string key, IReadOnlyDictionary<string, QConfig?> members)
    {
        if (members.Count == 0) return;
        writer.WriteStartObject(key);
        foreach (var (name, qconfig) in members) WriteQConfig(writer, name, qconfig);
        writer.WriteEndObject();
    }

    private static void WriteQConfig(Utf8JsonWriter writer, string key, QConfig? qconfig)
    {
        writer.WritePropertyName(key);
        if (qconfig is null)
        {
            writer.WriteNullValue();
            return;
        }
        // Written out even where it is a preset: what a preset means may be tuned, what a file means may not.
        writer.WriteStartObject();
        writer.WritePropertyName(Activation);
        ObserverJson.Write(writer, qconfig.Activation);
        writer.WritePropertyName(Weight);
        ObserverJson.Write(writer, qconfig.Weight);
        writer.WriteBoolean(QuantizeOutputs, qconfig.QuantizeOutputs);
        writer.WriteBoolean(FixedRanges, qconfig.FixedRanges);
        writer.WriteBoolean(CorrectBias, qconfig.CorrectBias);
        writer.WriteEndObject();
    }
}
