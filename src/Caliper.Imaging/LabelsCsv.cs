using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Imaging;

/// <summary>
/// Reads <c>labels.csv</c>: a first line <c>file,label</c>, then for each image its path and its class index. Paths are
/// relative to the file, or to a folder <c>images</c> beside it. A path may be in double quotes.
/// </summary>
internal static class LabelsCsv
{
    private const string Header = "file,label";
    private const long MaxFileBytes = 64 << 20;

    /// <summary>The images in the order of their paths.</summary>
    /// <exception cref="CaliperException">A line is malformed, names a file twice, or names one that does not exist.</exception>
    public static ImmutableArray<ImageFile> Read(string csv)
    {
        if (new FileInfo(csv).Length > MaxFileBytes)
            throw new CaliperException($"'{csv}' has more than {MaxFileBytes >> 20} MiB, too much for a list of labels.");
        var lines = File.ReadAllLines(csv);
        if (lines is not [var header, ..] || header.Replace(" ", "").ToLowerInvariant() != Header)
            throw new CaliperException($"'{csv}' must start with the line '{Header}'.");
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var files = new List<ImageFile>();
        for (var number = 2; number <= lines.Length; number++)
        {
            if (string.IsNullOrWhiteSpace(lines[number - 1])) continue;
            var file = ReadLine(csv, lines[number - 1], number);
            if (!seen.TryAdd(file.Name, number)) throw Bad(csv, number, $"'{file.Name}' is already in line {seen[file.Name]}");
            files.Add(file);
        }
        if (files.Count == 0) throw new CaliperException($"'{csv}' lists no images.");
        return [.. files.OrderBy(f => f.Name, StringComparer.Ordinal)];
    }

    /// <summary>The label is what follows the last comma, so that a comma in a file name does no harm.</summary>
    private static ImageFile ReadLine(string csv, string line, int number)
    {
        var comma = line.LastIndexOf(',');
        if (comma < 0) throw Bad(csv, number, "there is no comma");
        var (name, text) = (line[..comma].Trim(), line[(comma + 1)..].Trim());
        if (name is ['"', .., '"']) name = name[1..^1].Replace("\"\"", "\"");
        name = name.Replace('\\', '/');
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var label))
            throw Bad(csv, number, $"'{text}' is no class index, a whole number from 0");
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/').Contains(".."))
            throw Bad(csv, number, $"'{name}' is no path inside the folder");
        var folder = Path.GetDirectoryName(csv) ?? "";
        var path = new[] { Path.Combine(folder, name), Path.Combine(folder, "images", name) }.FirstOrDefault(File.Exists);
        if (path is null) throw Bad(csv, number, $"there is no file '{name}' beside it, nor in 'images'");
        return new(path, name, label);
    }

    private static CaliperException Bad(string csv, int line, string detail) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{csv}', line {line}: {detail}."));
}
