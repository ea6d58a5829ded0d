using Caliper.Tool.Consoles;
using Caliper.Tool.Demo;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper demo</c>: the whole story on the embedded sample.</summary>
internal sealed class DemoCommand() : ToolCommand<DemoOptions>("demo",
    "Tells the whole story on an embedded network and its images, in under a minute", new DemoSymbols())
{
    protected override int Run(DemoOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        if (options.Folder is not null) SavedSample.Check(options.Folder);
        var report = new DemoRun(options, console, cancellationToken).Tell();
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        return ExitCode.Ok;
    }
}
