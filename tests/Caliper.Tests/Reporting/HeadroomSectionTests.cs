using Caliper.Analysis;
using Caliper.Reporting.Html;

namespace Caliper.Reporting.Tests;

public sealed class HeadroomSectionTests
{
    [Fact]
    public void The_layer_with_the_least_room_is_named_and_linked()
    {
        var html = PageOf(new("a", 1 << 20, 500, 3, 0, 16, 1), new("b", 1 << 29, 123_456, 0, 2, 8, 4.5), new("nowhere", 1, 0, 0, 0, 4, 1));
        Assert.Contains("int32 sums cannot overflow: 2.0 ", html, StringComparison.Ordinal);
        Assert.Contains("where there are fewest (<a class=\"name\" href=\"#layer-1\">b</a>)", html, StringComparison.Ordinal);
        Assert.Contains("can saturate in 3 of 28 channels", html, StringComparison.Ordinal);
        Assert.Contains("Channels whose int8 weights are all zero</a>: 2.", html, StringComparison.Ordinal);
        // Each layer's own figures stand with its details.
        Assert.Contains("<dd>2.0 of 31</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<dd>11.0 of 31</dd>", html, StringComparison.Ordinal);
        Assert.Contains($"<dd>{System.Net.WebUtility.HtmlEncode(Figures.Count(123_456))}</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<dd>2 of 8</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<dd>4.5</dd>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_that_can_overflow_is_said()
    {
        var html = PageOf(new Headroom("nowhere", 1L << 31, 0, 0, 0, 4, 1));
        Assert.Contains("int32 sums can overflow in <span class=\"name\">nowhere</span>: ", html, StringComparison.Ordinal);
        Assert.DoesNotContain("can saturate in", html, StringComparison.Ordinal);
        Assert.DoesNotContain("are all zero", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_bounds_there_is_no_section_and_no_link_to_one() => Assert.DoesNotContain("#headroom", PageOf(), StringComparison.Ordinal);

    private static string PageOf(params Headroom[] headrooms) =>
        HtmlReport.Render(SampleReport.Of(3, i => "abc"[i].ToString()) with { Headrooms = [.. headrooms] }, SampleReport.Header);
}
