using System.Text.Json;

namespace Caliper.Text.Reading;

/// <summary>A part of a tokenizer.json, and where it is, for messages.</summary>
/// <param name="File">The file.</param>
/// <param name="Place">The names that lead to it, with points between.</param>
/// <param name="Value">What is there.</param>
internal sealed record JsonPart(string File, string Place, JsonElement Value)
{
    /// <summary>What kind of thing an object is.</summary>
    public string Type => Text("type");

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPart> Items => Value.ValueKind is JsonValueKind.Array
        ? Value.EnumerateArray().Select((item, i) => new JsonPart(File, $"{Place}[{i}]", item)) : throw Wrong("no list");

    /// <summary>The members of an object.</summary>
    public IEnumerable<JsonPart> Members => Value.ValueKind is JsonValueKind.Object
        ? Value.EnumerateObject().Select(m => new JsonPart(File, m.Name, m.Value)) : throw Wrong("no object");

    /// <summary>A member; null where it is missing or null.</summary>
    public JsonPart? Part(string name) => Value.ValueKind is not JsonValueKind.Object ? throw Wrong("no object")
        : Value.TryGetProperty(name, out var part) && part.ValueKind is not JsonValueKind.Null
            ? new JsonPart(File, Place.Length == 0 ? name : $"{Place}.{name}", part) : null;

    /// <summary>A member that must be there.</summary>
    public JsonPart Needed(string name) => Part(name) ?? throw Wrong($"without '{name}'");

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Needed(name).AsText;

    /// <summary>A switch.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">What it is where it is not said.</param>
    public bool Flag(string name, bool otherwise) => Part(name) is not { } part ? otherwise : part.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw part.Wrong("neither true nor false"),
    };

    /// <summary>This as a text.</summary>
    public string AsText => Value.ValueKind is JsonValueKind.String ? Value.GetString()! : throw Wrong("no text");

    /// <summary>This as an id.</summary>
    public int AsId => Value.ValueKind is JsonValueKind.Number && Value.TryGetInt32(out var id) && id >= 0 ? id : throw Wrong("no id");

    /// <summary>This as a number.</summary>
    public float AsFloat => Value.ValueKind is JsonValueKind.Number && Value.TryGetSingle(out var number) && float.IsFinite(number) ? number
        : throw Wrong("no number");

    /// <summary>What is said of a part that is not as it has to be.</summary>
    public CaliperException Wrong(string what) => new($"'{File}' is damaged: {(Place.Length == 0 ? "it" : Place)} is {what}.");

    /// <summary>What is said of a part that is well, but more than Caliper does.</summary>
    /// <param name="what">What it asks for.</param>
    public CaliperException Refusal(string what) => new($"'{File}' asks for {what} ({Place}), which Caliper does not do; "
        + "another tokenization would give other vectors, so that it is refused.");
}
