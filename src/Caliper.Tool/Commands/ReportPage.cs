using System.Text;
using Caliper.Analysis;
using Caliper.Onnx;
using Caliper.Reporting;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary>Writes the page for people.</summary>
internal static class ReportPage
{
    /// <exception cref="CaliperException">It cannot be written; nothing is left behind.</exception>
    public static void Save(string path, string reference, string int8, QuantizationReport result,
        IEnumerable<(string Name, string Float, string Int8, string Change)> figures) =>
        ReplacedFile.Write(path, Render(reference, int8, result, figures));

    /// <summary>The page's bytes.</summary>
    public static byte[] Render(string reference, string int8, QuantizationReport result,
        IEnumerable<(string Name, string Float, string Int8, string Change)> figures)
    {
        var header = new HtmlReportHeader(Path.GetFileNameWithoutExtension(int8), reference, int8)
        {
            Rows = [.. figures.Select(f => new HtmlSummaryRow(f.Name, f.Float, f.Int8, f.Change))],
        };
        return Encoding.UTF8.GetBytes(HtmlReport.Render(result, header));
    }

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
