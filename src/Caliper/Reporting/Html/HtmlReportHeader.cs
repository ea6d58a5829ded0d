using System.Collections.Immutable;
using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>What an <see cref="HtmlReport"/> says about the two networks beside their comparison.</summary>
/// <param name="Title">Heading of the page.</param>
/// <param name="FloatModel">Name or path of the float network.</param>
/// <param name="Int8Model">Name or path of the int8 network; null where there is none yet.</param>
public sealed record HtmlReportHeader(string Title, string FloatModel, string? Int8Model)
{
    /// <summary>What calibration saw; null where it is not known, and the page then shows no alternatives and no paths.</summary>
    public HtmlCalibration? Calibration { get; init; }

    /// <summary>Accuracy, size, latency and the like; none by default, and the page then has no such table.</summary>
    public ImmutableArray<HtmlSummaryRow> Rows { get; init; } = [];

    /// <summary>What the figures do not tell by themselves, such as whether there were enough samples; a paragraph each, none by default.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What to do about a finding, in the words of whoever shows the page, such as options of a command; by default the fix's own.</summary>
    public Func<Fix, string> FixText { get; init; } = fix => fix.ToString();
}
