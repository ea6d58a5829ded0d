using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells diagnostics, those that say the same of many places as one.</summary>
internal static class DiagnosticText
{
    private const int MostPlaces = 4;

    public static void Print(IAnsiConsole console, IReadOnlyList<DiagnosticReport> diagnostics)
    {
        foreach (var group in diagnostics.GroupBy(d => (d.Code, d.Message, d.Advice)))
        {
            var places = group.Select(d => d.Place).Distinct().ToArray();
            var named = string.Join(", ", places.Take(MostPlaces));
            var rest = places.Length > MostPlaces ? $" and {places.Length - MostPlaces} more" : "";
            console.WriteLine(VisibleText.Of($"{group.Key.Code}: {named}{rest}: {group.Key.Message} {group.Key.Advice}"));
        }
    }
}
