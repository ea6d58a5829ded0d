using Spectre.Console;
using Spectre.Console.Rendering;

namespace Caliper.Tool.Consoles;

/// <summary>A table with as much in it as the console has room for.</summary>
internal static class WidestTable
{
    /// <summary>The first of the tables that fits; the last if none does.</summary>
    /// <param name="console">Where it will be shown.</param>
    /// <param name="tableOf">Makes the table with certain columns, and a picture of so many bars in each row; 0 leaves the picture out.</param>
    /// <param name="choices">What is wanted, the widest first.</param>
    public static Table For(IAnsiConsole console, Func<string[], int, Table> tableOf, params ReadOnlySpan<(string[] Columns, int Bars)> choices)
    {
        Table? table = null;
        foreach (var (columns, bars) in choices)
        {
            table = tableOf(columns, bars);
            var needed = ((IRenderable)table).Measure(RenderOptions.Create(console, console.Profile.Capabilities), int.MaxValue).Max;
            if (needed <= console.Profile.Width) break;
        }
        return table!;
    }
}
