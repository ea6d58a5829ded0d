using System.Globalization;
using Caliper.Files;
using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Which files beside a model hold its weights.</summary>
internal static class ExternalDataFiles
{
    private const int LongestLocation = 4096;

    /// <summary>The files that a model names, whether they are there or not; none where it is no ONNX file or cannot be read.</summary>
    public static string[] Of(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            var locations = TensorMessages.In(ModelProto.Parser.ParseFrom(stream)).SelectMany(t => t.ExternalData)
                .Where(e => e is { Key: "location", Value.Length: > 0 and <= LongestLocation } && !e.Value.Contains('\0')).Select(e => e.Value);
            var names = locations.SelectMany(l => new[] { l, l.Replace('\\', '/') }).Distinct(StringComparer.Ordinal);
            return [.. names.SelectMany(l => OnnxFile.FoldersOf(path).Select(folder => Path.Combine(folder, l)))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return [];
        }
    }

    /// <summary>The first of the names <c>MODEL.data</c>, <c>MODEL.1.data</c>, … that no file has.</summary>
    public static string FreeFor(string path)
    {
        for (var number = 0; ; number++)
        {
            var name = path + (number == 0 ? "" : "." + number.ToString(CultureInfo.InvariantCulture)) + ".data";
            if (FileIdentity.Of(name) is null) return name;
        }
    }

    /// <summary>The files with the weights of the model that is at a path now, as far as <see cref="FreeFor"/> named them: they go
    /// when the model does. Others may belong to somebody else.</summary>
    public static string[] ReplacedWith(string path)
    {
        if (FileIdentity.Of(path) is not { Kind: FileKind.File } || !Numbered(path).Any()) return [];
        var named = Of(path).Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        return [.. Numbered(path).Where(named.Contains)];
    }

    private static IEnumerable<string> Numbered(string path)
    {
        var prefix = Path.GetFileName(path);
        return Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, "*.data").Where(file =>
        {
            var name = Path.GetFileName(file);
            return name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length..] is { Length: >= 5 } rest
                && (rest == ".data" || (rest[0] == '.' && int.TryParse(rest[1..^5], NumberStyles.None, CultureInfo.InvariantCulture, out _)));
        }).Select(Path.GetFullPath);
    }
}
