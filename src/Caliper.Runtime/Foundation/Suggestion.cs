namespace Caliper;

/// <summary>What somebody who wrote a name that is none may have meant.</summary>
internal static class Suggestion
{
    /// <summary>The sentence <c> Did you mean 'x'?</c>, with a space before it; empty where no name is like it.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that there are.</param>
    public static string For(string written, IEnumerable<string> known)
    {
        // As many slips as make a third of the name; more, and everything is like everything.
        var most = Math.Clamp(written.Length / 3, 1, 4);
        var nearest = known.Where(name => name != written && Math.Abs(name.Length - written.Length) <= most)
            .Select(name => (Name: name, Slips: Slips(written, name))).Where(n => n.Slips <= most)
            .OrderBy(n => n.Slips).ThenBy(n => n.Name, StringComparer.Ordinal).FirstOrDefault().Name;
        return nearest is null ? "" : $" Did you mean '{nearest}'?";
    }

    /// <summary>Letters to insert, remove, replace or swap with their neighbour until one name is the other (Damerau 1964, adjacent swaps
    /// once); those that differ in case alone are no slip.</summary>
    private static int Slips(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (AreAlike(a[i - 1], b[j - 1]) ? 0 : 1);
                rows[i, j] = Math.Min(replaced, 1 + Math.Min(rows[i - 1, j], rows[i, j - 1]));
                if (i > 1 && j > 1 && AreAlike(a[i - 1], b[j - 2]) && AreAlike(a[i - 2], b[j - 1]))
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }

    private static bool AreAlike(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
