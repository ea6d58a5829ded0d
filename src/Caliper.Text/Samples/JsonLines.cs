using System.Text.Json;

namespace Caliper.Text.Samples;

/// <summary>A JSON value a line: a string, or an object with the entries of a row. Empty lines are passed over.</summary>
internal static class JsonLines
{
    /// <summary>The rows.</summary>
    public static IEnumerable<TextRow> Read(string path, string text) =>
        TextFile.LinesOf(text).Where(l => !string.IsNullOrWhiteSpace(l.Text)).Select(l => RowOf(path, l.Number, l.Text));

    private static TextRow RowOf(string path, int line, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.String => new TextRow(line, [root.GetString()!], null, null),
                JsonValueKind.Object => TextRow.Of(path, line, name => EntryOf(path, line, root, name)),
                _ => throw new CaliperException($"'{path}': line {line} is neither a text nor an object."),
            };
        }
        // A lone half of a character in \u escapes is an InvalidOperationException. The message of the other counts lines from 0.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CaliperException($"'{path}': line {line} is no valid JSON.", e);
        }
    }

    private static string? EntryOf(string path, int line, JsonElement row, string name) => !row.TryGetProperty(name, out var entry) ? null
        : entry.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => entry.GetString(),
            JsonValueKind.Number => entry.GetRawText(),
            _ => throw new CaliperException($"'{path}': '{name}' of line {line} is neither a text nor a number."),
        };
}
