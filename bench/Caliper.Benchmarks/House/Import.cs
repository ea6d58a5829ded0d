using System.Text.RegularExpressions;

namespace Caliper.House;

/// <summary>A file of one room that names another room of its package.</summary>
/// <param name="Package">The package.</param>
/// <param name="File">The file, from <c>src</c> on.</param>
/// <param name="From">The file's room; empty for a file of none.</param>
/// <param name="To">The room it names.</param>
internal sealed partial record Import(string Package, string File, string From, string To)
{
    /// <summary>All of them in a checkout. Folders are namespaces, so that the <c>using</c> lines tell.</summary>
    public static IEnumerable<Import> All(string checkout)
    {
        var source = Path.Combine(checkout, "src");
        foreach (var package in RoomOrder.Packages.Keys)
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(source, package), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var file = Path.GetRelativePath(source, path).Replace('\\', '/');
                if (file.Split('/') is [_, "obj" or "bin", ..]) continue;
                var from = Path.GetDirectoryName(file[(package.Length + 1)..])!.Replace('\\', '/');
                foreach (var line in System.IO.File.ReadLines(path).TakeWhile(l => !l.StartsWith("namespace ", StringComparison.Ordinal)))
                    if (RoomOf(line, package) is { } to && to != from) yield return new(package, file, from, to);
            }
        }
    }

    /// <summary>The room of a package that a <c>using</c> line names.</summary>
    private static string? RoomOf(string line, string package)
    {
        if (Using().Match(line) is not { Success: true } match) return null;
        var root = package is "Caliper.Runtime" ? "Caliper" : package;
        var rooms = RoomOrder.Packages[package];
        // A type may stand behind its namespace: using static A.B.Type, using Alias = A.B.Type.
        var name = match.Groups[1].Value;
        return rooms.Select(room => (room, Namespace: $"{root}.{room.Replace('/', '.')}"))
            .Where(r => name == r.Namespace || name.StartsWith(r.Namespace + ".", StringComparison.Ordinal))
            .OrderByDescending(r => r.Namespace.Length).Select(r => r.room).FirstOrDefault();
    }

    [GeneratedRegex(@"^using (?:static |\w+ = )?(Caliper[\w.]*);")]
    private static partial Regex Using();
}
