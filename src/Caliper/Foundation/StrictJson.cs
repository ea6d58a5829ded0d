using System.Text.Json;

namespace Caliper;

/// <summary>
/// An object of a JSON file that people write by hand: a key that nobody reads, a value of the wrong kind or a key given
/// twice is an error that names the place, because a setting that is silently ignored costs a day.
/// </summary>
/// <param name="element">The object.</param>
/// <param name="place">Where it stands, for messages: the file, and the path of keys.</param>
internal readonly struct StrictJson(JsonElement element, string place)
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The object or list, at the place it stands.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>Where it stands, for messages.</summary>
    public string Place { get; } = place;

    /// <summary>Reads a text.</summary>
    public static StrictJson Parse(ReadOnlyMemory<byte> utf8, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            CheckText(document.RootElement);
            return new(document.RootElement.Clone(), place);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CaliperException($"{place} is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>The value of a key, or null where it is absent.</summary>
    public StrictJson? Find(string key) =>
        Element.TryGetProperty(key, out var value) ? new StrictJson(value, $"{Place}: \"{key}\"") : null;

    /// <summary>Refuses anything but an object with some of these keys.</summary>
    public void AllowOnly(IReadOnlyCollection<string> keys)
    {
        RequireObject();
        foreach (var property in Element.EnumerateObject())
        {
            if (!keys.Contains(property.Name))
                throw new CaliperException(
                    $"{Place}: the key \"{property.Name}\" is not known here; known are {string.Join(", ", keys)}.");
        }
    }

    /// <summary>Refuses anything but an object.</summary>
    public void RequireObject()
    {
        if (Element.ValueKind is not JsonValueKind.Object) throw Wrong("an object");
    }

    /// <summary>The text.</summary>
    public string Text() => Element.ValueKind is JsonValueKind.String ? Element.GetString()! : throw Wrong("text");

    /// <summary>The truth value.</summary>
    public bool Boolean() =>
        Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? Element.GetBoolean() : throw Wrong("true or false");

    /// <summary>The 32-bit integer.</summary>
    public int Integer() =>
        Element.ValueKind is JsonValueKind.Number && Element.TryGetInt32(out var value) ? value : throw Wrong("an integer");

    /// <summary>The finite number.</summary>
    public float Number() =>
        Element.ValueKind is JsonValueKind.Number && Element.TryGetSingle(out var value) && float.IsFinite(value)
            ? value
            : throw Wrong("a number");

    /// <summary>The finite number, with all its digits.</summary>
    public double Double() =>
        Element.ValueKind is JsonValueKind.Number && Element.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Wrong("a number");

    /// <summary>The items of the list.</summary>
    public IEnumerable<StrictJson> Items()
    {
        if (Element.ValueKind is not JsonValueKind.Array) throw Wrong("a list");
        var place = Place;
        return Element.EnumerateArray().Select((item, i) => new StrictJson(item, $"{place}[{i}]"));
    }

    // Reads every text once, because one that is not valid Unicode ("\ud800") throws only when it is read.
    private static void CheckText(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.String) _ = element.GetString();
        else if (element.ValueKind is JsonValueKind.Array) foreach (var item in element.EnumerateArray()) CheckText(item);
        else if (element.ValueKind is JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                _ = property.Name;
                CheckText(property.Value);
            }
        }
    }

    /// <summary>The error of a value of the wrong kind.</summary>
    public CaliperException Wrong(string expected)
    {
        var found = Element.GetRawText();
        return new CaliperException($"{Place} must be {expected}, not {(found.Length <= 40 ? found : found[..40] + "…")}.");
    }
}
