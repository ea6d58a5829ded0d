using System.Text;

namespace Caliper.House;

/// <summary>The rooms of the packages as drawings, made from the imports. An arrow that follows from others is left out.</summary>
internal static class RoomDrawing
{
    /// <summary>The Markdown of all drawings, each package a Mermaid graph.</summary>
    public static string Draw(string checkout)
    {
        var text = new StringBuilder();
        foreach (var package in Import.All(checkout).Where(i => i.From.Length > 0).GroupBy(i => i.Package))
        {
            var rooms = RoomOrder.Packages[package.Key];
            var imports = package.GroupBy(i => i.From).ToDictionary(g => g.Key, g => g.Select(i => i.To).ToHashSet(StringComparer.Ordinal));
            text.Append("### ").Append(package.Key).Append("\n\n```mermaid\nflowchart BT\n");
            foreach (var room in rooms) text.Append("  ").Append(Id(room)).Append("[\"").Append(room).Append("\"]\n");
            foreach (var room in rooms)
            {
                foreach (var to in rooms.Where(to => imports.GetValueOrDefault(room)?.Contains(to) == true))
                    if (!Follows(room, to, imports)) text.Append("  ").Append(Id(room)).Append(" --> ").Append(Id(to)).Append('\n');
            }
            text.Append("```\n\n");
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>Whether one room leads to another by way of a third.</summary>
    private static bool Follows(string from, string to, Dictionary<string, HashSet<string>> imports)
    {
        var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Stack<string>(imports[from].Where(r => r != to)));
        while (waiting.TryPop(out var room))
        {
            if (room == to) return true;
            if (seen.Add(room)) foreach (var next in imports.GetValueOrDefault(room) ?? []) waiting.Push(next);
        }
        return false;
    }

    private static string Id(string room) => room.Replace('/', '_');
}
