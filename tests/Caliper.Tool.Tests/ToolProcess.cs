using System.Diagnostics;

namespace Caliper.Tool.Tests;

/// <summary>The command as a process of its own, for what a process does: end, be killed, run beside others.</summary>
internal static class ToolProcess
{
    public static Process Start(params string[] args)
    {
        var tool = typeof(CaliperCommand).Assembly.Location;
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? host : "dotnet", [tool, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
