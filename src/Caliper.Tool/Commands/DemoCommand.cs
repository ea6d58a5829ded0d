using System.CommandLine;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper demo</c>: the whole story on the embedded sample.</summary>
internal static class DemoCommand
{
    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        return new Command("demo", "x");
    }
}
