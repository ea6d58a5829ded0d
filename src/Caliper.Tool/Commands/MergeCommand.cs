using System.CommandLine;
using Caliper.Calibration;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper merge</c>: puts the statistics of several runs together, as if one run had seen all the data.</summary>
internal static class MergeCommand
{
    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var parts = new Argument<string[]>("PARTS")
        {
            HelpName = "A.calib B.calib",
            Description = "Statistics of one model on different samples",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o") { HelpName = "M.calib", Description = "Where the statistics go", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces an existing output, which is an error otherwise" };
        var talk = new OutputSymbols(hasProgress: false);
        var command = new Command("merge", "Puts the statistics of several runs together, as if one run had seen all the data");
        command.Add(parts);
        command.Add(output);
        command.Add(overwrite);
        talk.AddTo(command);
        command.SetAction(line =>
        {
            var (paths, path) = (line.GetRequiredValue(parts), line.GetRequiredValue(output));
            OutputFile.Check(path, line.GetValue(overwrite), paths);
            var merged = Merge(paths);
            cancellationToken.ThrowIfCancellationRequested();
            merged.Save(path);
            var report = CalibrationReport.Of(path, merged);
            if (talk.Read(line).Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
            else CalibrationText.Print(console.Result, report);
            return ExitCode.Ok;
        });
        return command;
    }

    private static CalibrationStatistics Merge(string[] paths)
    {
        // One after the other: as many shards as there are machines need no more memory than two of them.
        var merged = CalibrationStatistics.Load(paths[0]);
        foreach (var path in paths.Skip(1))
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
