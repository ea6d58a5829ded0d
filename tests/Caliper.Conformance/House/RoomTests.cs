using Caliper.Conformance.Docs;
using Caliper.House;

namespace Caliper.Conformance.House;

/// <summary>The staircase: a room imports rooms above it, never below. <c>using</c> lines and names written with their namespace tell, because a
/// folder is a namespace.</summary>
public class RoomTests
{
    private static readonly string Root = RepositoryFolder.Path();

    [Fact]
    public void A_room_imports_only_rooms_above_it()
    {
        var wrong = Import.All(Root).Where(i => i.From.Length > 0 && !IsAbove(i) && !IsFacade(i));
        Assert.Empty(wrong.Select(i => $"{i.File} names {i.To}"));
    }

    [Fact]
    public void Facades_are_three_and_each_is_needed()
    {
        Assert.InRange(RoomOrder.Facades.Count, 0, 3);
        var used = Import.All(Root).Where(i => i.From.Length > 0 && !IsAbove(i) && IsFacade(i)).Select(i => (i.File, i.To)).ToHashSet();
        Assert.All(RoomOrder.Facades.SelectMany(f => f.Value.Select(room => (f.Key, room))), expected => Assert.Contains(expected, used));
    }

    [Fact]
    public void Every_folder_is_a_room_and_every_room_a_folder() => Assert.All(RoomOrder.Packages, package =>
    {
        var folder = Path.Combine(Root, "src", package.Key);
        var folders = Sources(folder).Select(f => Path.GetRelativePath(folder, Path.GetDirectoryName(f)!).Replace('\\', '/')).Where(f => f != ".");
        Assert.Equal(package.Value.Order(StringComparer.Ordinal), folders.Distinct().Order(StringComparer.Ordinal));
    });

    [Fact]
    public void A_folder_is_a_namespace() => Assert.All(RoomOrder.Packages.Keys, package =>
    {
        var folder = Path.Combine(Root, "src", package);
        foreach (var file in Sources(folder))
        {
            var room = Path.GetRelativePath(folder, Path.GetDirectoryName(file)!).Replace('\\', '/');
            var root = package is "Caliper.Runtime" ? "Caliper" : package;
            // What everything may name without a using line.
            var expected = room is "." or "Foundation" ? root : $"{root}.{room.Replace('/', '.')}";
            var found = File.ReadLines(file).FirstOrDefault(l => l.StartsWith("namespace ", StringComparison.Ordinal));
            if (found is not null) Assert.Equal($"{Path.GetFileName(file)}: namespace {expected};", $"{Path.GetFileName(file)}: {found}");
        }
    });

    [Fact]
    public void The_architecture_page_shows_the_rooms_as_they_are()
    {
        var page = File.ReadAllText(RepositoryFolder.Path("docs", "architecture.md"));
        const string Advice = "docs/architecture.md: take what `dotnet run -c Release --project bench/Caliper.Benchmarks -- rooms` prints.";
        Assert.True(page.EndsWith(RoomDrawing.Draw(Root), StringComparison.Ordinal), Advice);
    }

    private static bool IsAbove(Import import)
    {
        var rooms = RoomOrder.Packages[import.Package];
        return Array.IndexOf(rooms, import.To) < Array.IndexOf(rooms, import.From);
    }

    private static bool IsFacade(Import import) => RoomOrder.Facades.GetValueOrDefault(import.File)?.Contains(import.To) == true;

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));
}
