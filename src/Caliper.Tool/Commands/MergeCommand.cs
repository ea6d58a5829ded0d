using Caliper.Calibration;
using Caliper.Tool.Consoles;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper merge</c>: puts the statistics of several runs together, as if one run had seen all the data.</summary>
internal sealed class MergeCommand() : ToolCommand<MergeOptions>("merge",
    "Puts the statistics of several runs together, as if one run had seen all the data", new MergeSymbols())
{
    protected override int Run(MergeOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(InputFiles.Of(options), new OutputFile(options.Output, options.Overwrite));
        var merged = Merge(options.Parts.AsSpan());
        cancellationToken.ThrowIfCancellationRequested();
        merged.Save(options.Output);
        var report = CalibrationReport.Of(options.Output, merged);
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else CalibrationText.Print(console.Result, report);
        return ExitCode.Ok;
    }

    private static CalibrationStatistics Merge(ReadOnlySpan<string> paths)
    {
        // One after the other: as many shards as there are machines need no more memory than two of them.
        var merged = CalibrationStatistics.Load(paths[0]);
        foreach (var path in paths[1..])
        {
            var part = CalibrationStatistics.Load(path);
            try
            {
                merged = CalibrationStatistics.Merge(merged, part);
            }
            catch (CaliperException error)
            {
                throw new CaliperException($"'{path}' cannot be merged with those before it: {error.Message}", error);
            }
        }
        return merged;
    }
}
