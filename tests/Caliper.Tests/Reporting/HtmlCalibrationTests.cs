using System.Globalization;
using System.Text.RegularExpressions;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Reporting.Html;
using Caliper.Statistics;

namespace Caliper.Reporting.Tests;

public sealed partial class HtmlCalibrationTests : IDisposable
{
    private const string Hostile = "</script></style></title>\"'><img/src=x/onerror=alert(1)>";

    private readonly SampleCalibration _sample = new();

    public void Dispose() => _sample.Dispose();

    public static TheoryData<string> Methods => [.. RangeMethod.All.Select(m => m.ToString()), "sqnr(1.5)", "percentile(90)", "lp(3)"];

    [Theory, MemberData(nameof(Methods))]
    public void Every_method_is_listed_and_the_one_in_use_is_marked(string name)
    {
        var method = RangeMethod.Parse(name);
        var tables = TablesOf(_sample.Page(SampleCalibration.With(ObserverSpec.Statistics(method))));
        Assert.Equal(3, tables.Length); // The input, both branches together as they are after the Relu, and the last convolution.
        foreach (var table in tables)
        {
            foreach (var other in RangeMethod.All.Append(QConfig.Default.Activation.UsedMethod!).Append(method).Distinct())
                Assert.Single(table, row =>
                    row.Label == other.ToString() || (other is AutoRange && row.Label.StartsWith("auto (", StringComparison.Ordinal)));
            Assert.True(table.Single(row => row.Label.StartsWith(name, StringComparison.Ordinal)
                && (method is not AutoRange || row.Label.StartsWith("auto (", StringComparison.Ordinal))).IsUsed);
            // No range has a lower squared error than that of mse.
            Assert.All(table, row => Assert.True(row.Decibels <= table.Single(r => r.Label == "mse").Decibels));
        }
    }

    [Fact]
    public void What_is_shown_is_what_the_methods_choose_and_what_is_predicted()
    {
        var all = _sample.Statistics.Tensors["x"].All;
        var row = TablesOf(_sample.Page())[0].Single(r => r.Label == "percentile(99.999)");
        var (min, max) = RangeMethod.Percentile.Choose(all, QuantizedType.QUInt8, false);
        var parameters = RangeRule.PerTensor(QuantizedType.QUInt8, symmetric: false).Calculate((min, max));
        Assert.Equal(ParameterText.Range(parameters), row.Range);
        Assert.Equal(QuantizationError.Predict(all, parameters).SqnrDecibels, row.Decibels, 0.006);
    }

    [Theory, InlineData("mse", QuantizationScheme.PerTensorAffine), InlineData("minmax", QuantizationScheme.PerTensorSymmetric)]
    public void An_int8_network_of_which_only_numbers_are_known_finds_its_method_again(string name, QuantizationScheme scheme)
    {
        var spec = ObserverSpec.Statistics(RangeMethod.Parse(name)) with { Scheme = scheme };
        var report = _sample.Compare(SampleCalibration.With(spec));
        var html = HtmlReport.Render(report, SampleReport.Header with { Calibration = new(_sample.Fused, _sample.Statistics, _sample.Trace) });
        var tables = TablesOf(html);
        Assert.NotEmpty(tables);
        Assert.All(tables, table => Assert.True(table.Single(row => row.Label == name).IsUsed));
        Assert.All(tables, table => Assert.DoesNotContain(table, row => row.Label == "in the model"));
        // The branches and what joins them have one scale: one of them shows how it was chosen, the others lead there.
        Assert.Equal(report.Tensors.Length, tables.Length + Regex.Matches(html, "It shares its scale with <a").Count);
        Assert.Equal(tables.Length, Regex.Matches(html, "<figure class=\"path\">").Count);
    }

    [Fact]
    public void A_range_that_no_method_chooses_stands_in_a_row_of_its_own()
    {
        var report = _sample.Compare(SampleCalibration.With(ObserverSpec.FixedQParams(0.25f, 100)));
        var tables = TablesOf(HtmlReport.Render(report, SampleReport.Header with { Calibration = new(_sample.Fused, _sample.Statistics) }));
        Assert.NotEmpty(tables);
        Assert.All(tables, table => Assert.Equal(("in the model", "-25 to 38.75", true), (table[0].Label, table[0].Range, table[0].IsUsed)));
        Assert.All(tables, table => Assert.DoesNotContain(table.Skip(1), row => row.IsUsed));
    }

    [Fact]
    public void Names_of_layers_and_samples_never_become_markup()
    {
        using var sample = new SampleCalibration(Hostile);
        var calibration = new HtmlCalibration(sample.Fused, sample.Statistics, sample.Trace, QConfig.Default)
        {
            Diagnostics = [new(Hostile, Hostile, Hostile, Hostile)],
            Convergence = new(24, null, [new(Hostile, QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1, 0), 0.5, 0.5, 2)]),
        };
        var html = SampleCalibration.Page(calibration);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"'>", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "</script>"));
        Assert.Contains("both&lt;/script&gt;", html.Replace("<wbr>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_of_the_page_leads_to_one_place_and_every_term_that_is_linked_is_explained()
    {
        var verdict = new ConvergenceMeter(RangeMethod.Mse).Judge(_sample.Statistics);
        var calibration = new HtmlCalibration(_sample.Fused, _sample.Statistics, _sample.Trace, QConfig.Default) { Convergence = verdict };
        var html = SampleCalibration.Page(calibration);
        var ids = Regex.Matches(html, "\\bid=\"([^\"]*)\"").Select(m => m.Groups[1].Value).ToArray();
        Assert.Distinct(ids);
        var targets = Regex.Matches(html, "href=\"#([^\"]*)\"").Select(m => m.Groups[1].Value).ToArray();
        Assert.All(targets, target => Assert.Contains(target, ids));
        Assert.All(ids.Where(id => id.StartsWith("term-", StringComparison.Ordinal)), id => Assert.Contains(id, targets));
        Assert.Contains($"Convergence</a>: {verdict}", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"verdict\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_calibration_gives_the_same_text_in_every_culture()
    {
        var expected = _sample.Page();
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator, comma.NumberFormat.NegativeSign) = (",", ".", "~");
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, _sample.Page());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Without_a_trace_there_is_no_path()
    {
        var html = SampleCalibration.Page(new HtmlCalibration(_sample.Fused, _sample.Statistics, null, QConfig.Default));
        Assert.DoesNotContain("class=\"path\"", html, StringComparison.Ordinal);
        Assert.Equal(3, TablesOf(html).Length);
    }

    [Fact]
    public void What_belongs_to_another_network_is_refused()
    {
        using var other = new SampleCalibration(seed: 2);
        Assert.Contains("another model", Assert.Throws<CaliperException>(() => new HtmlCalibration(_sample.Fused, other.Statistics)).Message,
            StringComparison.Ordinal);
        var trace = new CalibrationTrace();
        trace.Add(4, new Dictionary<string, RealRange> { ["stranger"] = (0, 1) });
        Assert.Contains("'stranger'", Assert.Throws<CaliperException>(() => new HtmlCalibration(_sample.Fused, _sample.Statistics, trace)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => HtmlReport.Render(null, SampleReport.Header));
    }

    private static Row[][] TablesOf(string html) => [.. TablePattern().Matches(html).Select(t => RowPattern().Matches(t.Value).Select(r => new Row(
        Regex.Replace(r.Groups[2].Value, "<[^>]*>", "").Replace("in use", "", StringComparison.Ordinal).Trim(), r.Groups[3].Value,
        double.Parse(r.Groups[4].Value, CultureInfo.InvariantCulture), r.Groups[1].Value.Length > 0)).ToArray())];

    [GeneratedRegex("<div class=\"choices\">.*?</table>", RegexOptions.Singleline)]
    private static partial Regex TablePattern();

    [GeneratedRegex("<tr( class=used)?><th scope=\"row\">(.*?)</th><td>([^<]*)</td><td>[^<]*</td><td[^>]*>([^<]*)</td>")]
    private static partial Regex RowPattern();

    private sealed record Row(string Label, string Range, double Decibels, bool IsUsed);
}
