using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Caliper.Analysis;
using Caliper.Numerics;
using Caliper.Reporting.Html;

namespace Caliper.Reporting.Tests;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "</script></style></title>\"'><img src=x onerror=alert(1)>";

    [Fact]
    public void Texts_from_the_model_never_become_markup()
    {
        var report = SampleReport.Of(6, i => Hostile + i);
        report = report with
        {
            Outputs = [new(Hostile, 20)],
            Findings =
            [
                new(Hostile, ErrorKind.Weights, 0.5, Hostile, new(FixKind.KeepFloat, [Hostile])) { DecibelsNow = 20, DecibelsMended = 21 },
                new(Hostile + 1, ErrorKind.Input, 0.5, Hostile, new(FixKind.Preprocess, [])) { DecibelsNow = 20, DecibelsMended = 21 },
            ],
        };
        var html = HtmlReport.Render(report, new(Hostile, Hostile, Hostile) { Rows = [new(Hostile, Hostile, Hostile, Hostile)] });
        Assert.DoesNotContain("<img", html);
        Assert.Single(Regex.Matches(html, "</script>"));
        Assert.Single(Regex.Matches(html, "</style>"));
        Assert.Single(Regex.Matches(html, "</title>.*<style>", RegexOptions.Singleline));
        // Of an attribute such a text would have to leave by a quote.
        Assert.DoesNotContain("\"'>", html);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", html);
    }

    [Fact]
    public void The_page_loads_nothing_from_elsewhere()
    {
        var html = HtmlReport.Render(SampleReport.Of(20), SampleReport.Header);
        Assert.DoesNotMatch(@"https?://|\bsrc\s*=|url\(|@import|<link|<iframe|<object|fetch\(", html);
        Assert.All(Regex.Matches(html, "href=\"([^\"]*)\"").Select(m => m.Groups[1].Value), target => Assert.StartsWith("#", target));
        Assert.Contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
            + "script-src 'unsafe-inline'; img-src data:\">", html);
    }

    [Fact]
    public void Every_link_leads_to_one_place_on_the_page()
    {
        var html = HtmlReport.Render(SampleReport.Of(20), SampleReport.Header);
        var ids = Regex.Matches(html, "\\bid=\"([^\"]*)\"").Select(m => m.Groups[1].Value).ToArray();
        Assert.Distinct(ids);
        Assert.All(Regex.Matches(html, "href=\"#([^\"]*)\"").Select(m => m.Groups[1].Value), target => Assert.Contains(target, ids));
    }

    [Fact]
    public void The_same_report_gives_the_same_text_in_every_culture()
    {
        var expected = HtmlReport.Render(SampleReport.Of(20), SampleReport.Header);
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator, comma.NumberFormat.NegativeSign) = (",", ".", "~");
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, HtmlReport.Render(SampleReport.Of(20), SampleReport.Header));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.DoesNotContain("\r", expected);
    }

    [Fact]
    public void Every_layer_is_on_the_map_in_the_table_and_in_the_details()
    {
        var report = SampleReport.Of(20);
        // A layer of int8 weights whose output stays float makes no int8 tensor; it has no cell on the map.
        report = report with { Weights = report.Weights.Add(SampleReport.Weights("classifier", 5)) };
        var html = HtmlReport.Render(report, SampleReport.Header).Replace("<wbr>", "");
        foreach (var layer in report.Tensors.Select(t => t.Layer).Append("classifier"))
        {
            Assert.Contains($"<th scope=\"row\"><a class=\"name\" href=\"#layer-{Array.IndexOf(Names(report), layer)}\">{layer}</a></th>", html);
            Assert.Contains($"<summary><span class=\"name\">{layer}</span>", html);
        }
        Assert.Equal(20, Regex.Matches(MapOf(html), "<li><a class=\"q").Count);
        Assert.Equal(20 + report.Weights.Length, Regex.Matches(html, "<svg role=\"img\" aria-label=\"[^\"]+\"").Count);
        Assert.All(report.Findings, f => Assert.Contains(f.Fix.ToString().Replace("'", "&#39;", StringComparison.Ordinal), html));
        Assert.Contains("Measured: <strong>30.9 dB</strong> at the output instead of 27.1 dB", html);
    }

    [Fact]
    public void What_mends_a_finding_is_told_in_the_words_of_whoever_shows_the_page() => Assert.Contains("<code>--one &#39;x&#39;\n--two</code>",
        HtmlReport.Render(SampleReport.Of(3), SampleReport.Header with { FixText = _ => "--one 'x' --two" }));

    [Fact]
    public void A_report_without_findings_says_so()
    {
        var html = HtmlReport.Render(SampleReport.Of(3) with { Findings = [] }, new("Title", "a.onnx", "b.onnx"));
        Assert.Contains("No single change was measured to help", html);
        Assert.DoesNotContain("class=\"card\"", html);
    }

    [Fact]
    public void An_empty_report_renders() =>
        Assert.EndsWith("</html>\n", HtmlReport.Render(new QuantizationReport(0, [], [], [], []), new("", "", "") { Rows = default }));

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    [InlineData(-300)]
    public void Strange_numbers_and_empty_histograms_render(double decibels)
    {
        ImmutableArray<ImmutableArray<long>> histograms = [[], [0, 0], [5], [long.MaxValue], [.. new long[128]], [1, 2, 3]];
        var tensors = histograms.Select((levels, i) => SampleReport.Tensor($"t{i}", i) with
        {
            Levels = levels,
            AccumulatedDecibels = decibels,
            LocalDecibels = decibels,
            OutputDecibels = decibels,
            RoundingDecibels = decibels,
            Cosine = decibels,
            MaxError = (float)decibels,
            ClippingNoise = decibels,
            Min = (float)decibels,
            Max = float.PositiveInfinity,
            Parameters = i % 2 == 0 ? QuantizationParameters.PerTensor(QuantizedType.QInt8, 1e38f, 0)
                : QuantizationParameters.PerChannelFloat(QuantizedType.QUInt8, [1e-38f, 2f], [0.5f, 3f], 1),
        });
        var weights = new WeightError("t1", QuantizationParameters.PerTensor(QuantizedType.QInt8, 1, 0), decibels, [decibels, decibels], []);
        var finding = new Finding("nowhere", ErrorKind.Rounding, decibels, "message", new(FixKind.KeepFloat, ["nowhere"]))
        {
            DecibelsNow = decibels,
            DecibelsMended = decibels,
        };
        var html = HtmlReport.Render(new(1, [new("y", decibels)], [.. tensors],
            [weights, weights with { Layer = "w", ChannelDecibels = [] }], [finding]),
            SampleReport.Header);
        Assert.DoesNotMatch(@"(d|style|viewBox)=""[^""]*(NaN|∞|Infinity|n/a|-2147483648)", html);
        Assert.EndsWith("</html>\n", html);
    }

    [Fact]
    public void What_differs_nowhere_is_called_exact_and_what_is_not_known_a_dash()
    {
        var tensor = SampleReport.Tensor("t", 0) with { AccumulatedDecibels = double.PositiveInfinity, OutputDecibels = null };
        var html = HtmlReport.Render(new(1, [], [tensor], [], []), SampleReport.Header);
        Assert.Contains("<td data-key=\"Infinity\">exact</td>", html);
        Assert.Contains("<td data-key=\"\">–</td>", html);
    }

    [Fact]
    public void A_hundred_layers_take_less_than_a_megabyte()
    {
        var bytes = Encoding.UTF8.GetByteCount(HtmlReport.Render(SampleReport.Of(100), SampleReport.Header));
        Assert.InRange(bytes, 100_000, 1_000_000);
    }

    [Fact]
    public void Thousands_of_channels_are_drawn_as_the_worst_of_neighbours()
    {
        ImmutableArray<double> decibels = [.. Enumerable.Range(0, 5000).Select(c => c == 4321 ? 3.0 : 40)];
        var weights = SampleReport.Weights("wide", 1) with { ChannelDecibels = decibels, ChannelMagnitudes = [] };
        var html = HtmlReport.Render(new(1, [], [], [weights], []), SampleReport.Header);
        Assert.Contains("The worst is channel 4321 with 3.0 dB.", html);
        Assert.Contains("a bar is the worst of 10", html);
        Assert.True(html.Length < 40_000);
    }

    private static string[] Names(QuantizationReport report) => [.. report.Tensors.Select(t => t.Layer), "classifier"];

    private static string MapOf(string html) => MapPattern().Match(html).Value;

    [GeneratedRegex("<ol class=\"map\">.*?</ol>", RegexOptions.Singleline)]
    private static partial Regex MapPattern();
}
