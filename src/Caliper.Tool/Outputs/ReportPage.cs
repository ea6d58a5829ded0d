using System.Text;
using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Calibration.Doctor;
using Caliper.Files;
using Caliper.Ranges;
using Caliper.Reporting.Html;
using Caliper.Tool.Inputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Outputs;

/// <summary>Writes the page for people.</summary>
internal static class ReportPage
{
    /// <summary>Writes what a comparison found.</summary>
    /// <exception cref="CaliperException">It cannot be written; nothing is left behind.</exception>
    public static void Save(string path, QuantizationReport result, HtmlReportHeader header) => ReplacedFile.Write(path, Bytes(result, header));

    /// <summary>Names of two models, and how they do.</summary>
    public static HtmlReportHeader HeaderOf(
        string reference, string int8, IEnumerable<(string Name, string Float, string Int8, string Change)> figures) =>
        new(Path.GetFileNameWithoutExtension(int8), reference, int8)
        {
            FixText = FixText.Of,
            Rows = [.. figures.Select(f => new HtmlSummaryRow(f.Name, f.Float, f.Int8, f.Change))],
        };

    /// <summary>Writes what a calibration found.</summary>
    /// <exception cref="CaliperException">It cannot be written; nothing is left behind.</exception>
    public static void Save(string path, string reference, HtmlCalibration calibration) =>
        ReplacedFile.Write(path, Bytes(null, new HtmlReportHeader(Path.GetFileNameWithoutExtension(reference), reference,
        null)
        { Calibration = calibration }));

    /// <summary>The calibration of a model whose scheme is known, or of an int8 model by whomever.</summary>
    /// <exception cref="CaliperException">Statistics or trace are of another model.</exception>
    public static HtmlCalibration CalibrationOf(FusedModel fused, CalibrationStatistics statistics, CalibrationTrace? trace,
        QConfigMapping? scheme = null) =>
        new(fused, statistics, trace, scheme)
        {
            Convergence = Judge(statistics, scheme),
            Diagnostics = DataDoctor.Examine(fused, statistics),
        };

    /// <summary>Whether more data would change the ranges, by the method that chooses them.</summary>
    public static ConvergenceVerdict Judge(CalibrationStatistics statistics, QConfigMapping? scheme) =>
        new ConvergenceMeter((scheme?.Global ?? QConfig.Default).Activation.UsedMethod ?? RangeMethod.Mse).Judge(statistics);

    /// <summary>The page's bytes.</summary>
    public static byte[] Bytes(QuantizationReport? result, HtmlReportHeader header) => Encoding.UTF8.GetBytes(HtmlReport.Render(result, header));

    /// <summary>What is known of two files without running them.</summary>
    public static ComparisonReport FilesOf(string reference, string int8) => new()
    {
        Model = reference,
        Output = int8,
        SizeBytes = new Pair<long>(ModelFile.SizeOf(reference), ModelFile.SizeOf(int8)),
        SqnrDecibels = new SortedDictionary<string, double>(),
        Stages = new SortedDictionary<string, double>(),
        PeakMemoryBytes = 0,
        Diagnostics = [],
    };
}
