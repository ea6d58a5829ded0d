using Caliper.Analysis;
using Caliper.Files;
using Caliper.Reporting.Html;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Demo;

/// <summary>The page about the good int8 network, with which the demo ends.</summary>
internal static class DemoPage
{
    /// <summary>The page's file.</summary>
    public const string Name = "report.html";

    /// <summary>Where the page goes: beside the saved sample, else into a new folder that is this user's alone. Its name cannot be
    /// guessed, because many share the place for temporary files.</summary>
    /// <exception cref="CaliperException">No such folder can be made.</exception>
    public static string PathFor(string? folder)
    {
        try
        {
            return Path.Combine(folder ?? Directory.CreateTempSubdirectory("caliper-demo-").FullName, Name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"No folder for the page can be made in '{Path.GetTempPath()}': {error.Message}", error);
        }
    }

    /// <summary>The page's bytes.</summary>
    public static byte[] Render(DemoReport report, QuantizationReport comparison, HtmlCalibration calibration)
    {
        var figures = new ComparisonReport
        {
            Model = SavedSample.FloatName,
            Output = SavedSample.Int8Name,
            Float = AccuracyOf(report.Float),
            Int8 = AccuracyOf(report.Int8),
            Agreement = report.Int8.Agreement,
            SizeBytes = new Pair<long>(report.Float.SizeBytes, report.Int8.SizeBytes),
            SqnrDecibels = new SortedDictionary<string, double>(),
            Stages = report.Stages,
            PeakMemoryBytes = report.PeakMemoryBytes,
            Diagnostics = [],
        };
        return ReportPage.Bytes(comparison,
            ReportPage.HeaderOf(figures.Model, figures.Output, ComparisonText.RowsOf(figures, [])) with { Calibration = calibration });
    }

    /// <summary>Writes the page where no folder was asked for.</summary>
    /// <exception cref="CaliperException">It cannot be written.</exception>
    public static void Write(string path, byte[] page) => ReplacedFile.Write(path, page);

    private static AccuracyReport AccuracyOf(DemoModelReport model) => new(model.Acc1, model.Acc5, model.Loss);
}
