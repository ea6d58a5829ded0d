using Spectre.Console;
using Spectre.Console.Rendering;

namespace Caliper.Tool.Consoles;

/// <summary>A table with as much of its picture as the console has room for.</summary>
internal static class WidestTable
{
    /// <summary>The first of the tables that fits; the last if none does.</summary>
    /// <param name="console">Where it will be shown.</param>
    /// <param name="tableOf">Makes the table with bars in a row; 0 leaves the picture out.</param>
    /// <param name="bars">How many bars are wanted, the most first.</param>
    public static Table For(IAnsiConsole console, Func<int, Table> tableOf, params ReadOnlySpan<int> bars)
    {
        Table? table = null;
        foreach (var count in bars)
        {
            table = tableOf(count);
            var needed = ((IRenderable)table).Measure(RenderOptions.Create(console, console.Profile.Capabilities), int.MaxValue).Max;
            if (needed <= console.Profile.Width) break;
        }
        return table!;
    }
}
