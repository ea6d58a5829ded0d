namespace Caliper.Calibration.Doctor;

/// <summary>
/// Samples that are copies of others, by content, and images that are almost copies, by <see cref="LikenessIndex"/>.
/// Images that differ by a shift of more than about 1 % of their width, by rotation or by mirroring are not found.
/// </summary>
internal static class DuplicateSamples
{
    public static IEnumerable<Diagnostic> Check(IReadOnlyList<ObservedSample> samples)
    {
        var byContent = samples.GroupBy(s => s.Content).Select(g => g.ToArray()).ToArray();
        var copies = byContent.Where(g => g.Length > 1).ToArray();
        if (copies.Length > 0)
        {
            var superfluous = copies.Sum(g => g.Length - 1);
            yield return new Diagnostic("duplicate-samples", Wording.Data,
                $"{superfluous} of {Wording.Count(samples.Count, "sample")} {(superfluous == 1 ? "is a copy of another" : "are copies of others")}: "
                    + $"{Groups(copies, " = ")}.",
                "Leave the copies out: they count again and add nothing.");
        }
        var alike = LikenessIndex.Groups([.. byContent.Select(g => g[0])]);
        if (alike.Count > 0)
        {
            yield return new Diagnostic("similar-samples", Wording.Data,
                $"{alike.Sum(g => g.Length)} of {Wording.Count(samples.Count, "sample")} are almost the same image as another: "
                    + $"{Groups(alike, " ≈ ")}.",
                "Keep one of each: the others add next to nothing.");
        }
    }

    private static string Groups(IReadOnlyList<ObservedSample[]> groups, string sign)
    {
        var texts = groups.Take(3).Select(g => string.Join(sign, g.Take(3).Select(s => s.Name)) + (g.Length > 3 ? $"{sign}{g.Length - 3} more" : ""));
        return string.Join(", ", texts) + (groups.Count > 3 ? $" and {Wording.Count(groups.Count - 3, "more group")}" : "");
    }
}
