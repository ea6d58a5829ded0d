using System.Collections.Immutable;
using System.Globalization;
using Caliper.Data;
using Caliper.Text.Reading;

namespace Caliper.Text.Samples;

/// <summary>Reads the texts of a file: a sentence a line, a JSON value a line, or a table with a column of texts.</summary>
internal static class TextFile
{
    private static readonly string[] Extensions = [".txt", ".jsonl", ".csv"];

    /// <summary>Whether a path is called a file of texts.</summary>
    public static bool IsCalledText(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>Reads a file whole.</summary>
    /// <exception cref="CaliperException">It is missing, no UTF-8, or holds something else; the message names the line.</exception>
    public static TextSet Read(string path)
    {
        var text = TextFileReading.Text(path);
        var rows = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jsonl" => JsonLines.Read(path, text),
            ".csv" => TextTable.Read(path, text),
            ".txt" => LinesOf(text).Where(l => !string.IsNullOrWhiteSpace(l.Text)).Select(l => new TextRow(l.Number, [l.Text], null, null)),
            _ => throw new CaliperException($"'{path}' is no file of texts, which is called .txt, .jsonl or .csv."),
        };
        return SetOf(path, [.. rows]);
    }

    /// <summary>The lines with their numbers, from 1.</summary>
    public static IEnumerable<(int Number, string Text)> LinesOf(string text) =>
        text.Split('\n').Select((line, i) => (i + 1, line.TrimEnd('\r')));

    private static TextSet SetOf(string path, TextRow[] rows)
    {
        if (rows.Length == 0) throw new CaliperException($"'{path}' holds no text.");
        var first = rows[0];
        if (rows.FirstOrDefault(r => (r.Label is null) != (first.Label is null) || r.Texts.Length != first.Texts.Length
            || (r.Score is null) != (first.Score is null)) is { } other)
            throw new CaliperException($"'{path}': line {other.Line} has other entries than line {first.Line}; all need the same.");
        var name = Path.GetFileName(path);
        var samples = ImmutableArray.CreateBuilder<TextSample>();
        var pairs = ImmutableArray.CreateBuilder<ScoredPair>();
        foreach (var row in rows)
        {
            var names = row.Texts.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"{name}:{row.Line}{(i == 0 ? "" : "b")}")).ToArray();
            samples.AddRange(row.Texts.Select((text, i) => new TextSample(text, row.Label, names[i])));
            if (row.Score is { } score) pairs.Add(new ScoredPair(names[0], names[^1], score));
        }
        return new TextSet(samples.ToImmutable(), pairs.ToImmutable());
    }
}
