using System.Text;

namespace Caliper.Text.Samples;

/// <summary>A table with commas (RFC 4180): the first line names the columns; entries in quotes hold commas, doubled quotes, line breaks.</summary>
internal static class TextTable
{
    /// <summary>The rows.</summary>
    public static IEnumerable<TextRow> Read(string path, string text)
    {
        var records = RecordsOf(path, text).Where(r => r.Entries is not [""]).ToArray();
        if (records.Length == 0) throw new CaliperException($"'{path}' is empty; its first line has to name the columns.");
        var columns = records[0].Entries.Select(name => name.Trim()).ToArray();
        if (columns.Distinct(StringComparer.Ordinal).Count() < columns.Length) throw new CaliperException($"'{path}' names a column twice.");
        if (!columns.Intersect([.. TextRow.TextNames, .. TextRow.FirstNames]).Any())
            throw new CaliperException($"'{path}' has no column of texts: its first line names '{string.Join("', '", columns.Take(8))}', and none of "
                + "text, sentence, or sentence1 with sentence2.");
        foreach (var (line, entries) in records[1..])
        {
            if (entries.Count != columns.Length)
                throw new CaliperException($"'{path}': line {line} has {entries.Count} entries, and the first line {columns.Length}.");
            yield return TextRow.Of(path, line, name => Array.IndexOf(columns, name) is >= 0 and var column ? entries[column] : null);
        }
    }

    private static IEnumerable<(int Line, List<string> Entries)> RecordsOf(string path, string text)
    {
        var (line, at) = (1, 0);
        while (at < text.Length)
        {
            var (entries, start) = (new List<string>(), line);
            bool more;
            do more = ReadEntry(path, text, ref at, ref line, entries);
            while (more);
            yield return (start, entries);
        }
    }

    /// <summary>Reads an entry and what ends it; whether another follows on the record.</summary>
    private static bool ReadEntry(string path, string text, ref int at, ref int line, List<string> entries)
    {
        var entry = new StringBuilder();
        if (at < text.Length && text[at] == '"')
        {
            var start = line;
            for (at++; ; at++)
            {
                if (at >= text.Length) throw new CaliperException($"'{path}': the quotes that open in line {start} are never closed.");
                if (text[at] == '"' && (++at >= text.Length || text[at] != '"')) break;
                if (text[at] == '\n') line++;
                entry.Append(text[at]);
            }
            if (at < text.Length && text[at] is not (',' or '\r' or '\n'))
                throw new CaliperException($"'{path}': line {line} goes on after closed quotes; double the quotes inside an entry.");
        }
        else
        {
            var end = text.AsSpan(at).IndexOfAny(',', '\r', '\n');
            var length = end < 0 ? text.Length - at : end;
            entry.Append(text, at, length);
            at += length;
        }
        entries.Add(entry.ToString());
        if (at < text.Length && text[at] == ',')
        {
            at++;
            return true;
        }
        if (at < text.Length && text[at] == '\r') at++;
        if (at < text.Length && text[at] == '\n') (at, line) = (at + 1, line + 1);
        return false;
    }
}
