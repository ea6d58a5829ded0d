using Caliper.Tool.Consoles;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper bench</c>: latency, throughput, share of the processor's peak.</summary>
internal sealed class BenchCommand() : ToolCommand<BenchOptions>("bench",
    "Measures latency, throughput and share of the processor's peak; with --against, compares", new BenchSymbols())
{
    protected override int Run(BenchOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        var report = TurnTaking.Measure(options, cancellationToken);
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else BenchText.Print(console.Result, report);
        return ExitCode.Ok;
    }
}
