using System.Text.RegularExpressions;

namespace Caliper.House;

/// <summary>A file of one room that names another room of its package.</summary>
/// <param name="Package">The package.</param>
/// <param name="File">The file, from <c>src</c> on.</param>
/// <param name="From">The file's room; empty for a file of none.</param>
/// <param name="To">The room it names.</param>
internal sealed partial record Import(string Package, string File, string From, string To)
{
    /// <summary>All of them in a checkout. Folders are namespaces, so that the <c>using</c> lines tell, and names that are written with their
    /// namespace.</summary>
    public static IEnumerable<Import> All(string checkout)
    {
        var source = Path.Combine(checkout, "src");
        foreach (var package in RoomOrder.Packages.Keys)
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(source, package), "*.cs", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal))
            {
                var file = Path.GetRelativePath(source, path).Replace('\\', '/');
                if (file.Split('/') is [_, "obj" or "bin", ..]) continue;
                var from = Path.GetDirectoryName(file[(package.Length + 1)..])!.Replace('\\', '/');
                var names = System.IO.File.ReadLines(path).Where(IsCode).SelectMany(line => Name().Matches(line)).Select(m => m.Value);
                foreach (var to in names.Select(name => RoomOf(name, package)).OfType<string>().Where(to => to != from).Distinct())
                    yield return new(package, file, from, to);
            }
        }
    }

    // A file's own namespace names nobody, nor does a comment.
    private static bool IsCode(string line) => !line.StartsWith("namespace ", StringComparison.Ordinal)
        && !line.TrimStart().StartsWith("//", StringComparison.Ordinal);

    /// <summary>The room of a package that a name with its namespace stands in.</summary>
    private static string? RoomOf(string name, string package)
    {
        var root = package is "Caliper.Runtime" ? "Caliper" : package;
        var rooms = RoomOrder.Packages[package];
        return rooms.Select(room => (room, Namespace: $"{root}.{room.Replace('/', '.')}"))
            .Where(r => name == r.Namespace || name.StartsWith(r.Namespace + ".", StringComparison.Ordinal))
            .OrderByDescending(r => r.Namespace.Length).Select(r => r.room).FirstOrDefault();
    }

    [GeneratedRegex(@"(?<![\w.""])Caliper(?:\.[A-Z]\w*)+")]
    private static partial Regex Name();
}
