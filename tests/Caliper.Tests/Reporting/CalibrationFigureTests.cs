using System.Text.RegularExpressions;
using Caliper.Calibration;
using Caliper.Numerics;
using Caliper.Reporting.Html;
using Caliper.Statistics;
using CsCheck;

namespace Caliper.Reporting.Tests;

/// <summary>What is drawn of a calibration: the path of a range, and the histogram that follows from statistics.</summary>
public sealed class CalibrationFigureTests
{
    private static readonly QuantizationParameters Used = QuantizationParameters.PerTensor(QuantizedType.QUInt8, 0.01f, 100);

    [Fact]
    public void A_path_tells_its_batches_and_who_widened_it_last()
    {
        var html = PathOf((-1, 1), (-0.5f, 2), (-1, 2), (0, 0.5f));
        Assert.Contains("over 4 batches", html, StringComparison.Ordinal);
        Assert.Contains("-1 to 1 in the first, -1 to 2 in all, last widened by batch 2.", html, StringComparison.Ordinal);
        Assert.Contains("The range in use is -1 to 1.55.\"", html, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Matches(BarsOf(html), "M").Count);
    }

    [Theory, InlineData(1), InlineData(200), InlineData(201), InlineData(100_000)]
    public void A_path_of_any_length_is_small_and_keeps_its_extremes(int batches)
    {
        var steps = Enumerable.Range(0, batches).Select(i => i == batches / 3 ? (-7f, 9f) : (-1f, 1f)).ToArray();
        var html = PathOf(steps);
        Assert.InRange(Regex.Matches(BarsOf(html), "M").Count, 1, 200);
        Assert.Contains("-7 to 9 in all", html, StringComparison.Ordinal);
        Assert.True(html.Length < 15_000);
        // The greatest value is the top of the drawing, the least its bottom.
        Assert.Contains(" 0h", BarsOf(html), StringComparison.Ordinal);
        Assert.Contains("V100h", BarsOf(html), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_none_are_left_out()
    {
        var html = PathOf((float.NaN, 1), (float.NegativeInfinity, 1), (3, 2), (float.MinValue, float.MaxValue), (0, 0));
        Assert.Contains("over 2 batches", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(d|style)=""[^""]*(NaN|∞|Infinity|n/a)", html);
        Assert.Empty(PathOf());
        Assert.Empty(PathOf((float.NaN, float.NaN)));
    }

    [Fact]
    public void A_histogram_from_statistics_is_that_of_the_values_up_to_the_width_of_a_bin() => Gen
        .Select(Gen.Float[-3, 3].Array[1, 400], Gen.Float[0.002f, 0.05f], Gen.Int[0, 255])
        .Sample((values, scale, zeroPoint) =>
        {
            var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale, zeroPoint);
            var counts = LevelCounts.Of(new CalibratedTensor("t", TensorStatistics.Of(values), parameters, false, [], []));
            // No value moves further than its bin is wide, 1/128 of it, tiny ones lose their sign, and rounding a level's count costs half.
            void AssertBetween(long count, double edge, double rounding)
            {
                var slack = Math.Abs(edge) / 64 + 1e-6;
                Assert.InRange(count, values.Count(v => v < edge - slack) - rounding, values.Count(v => v <= edge + slack) + rounding);
            }
            var sum = 0L;
            for (var level = 0; level < 255; level++) AssertBetween(sum += counts.Levels[level], (level + 0.5 - zeroPoint) * scale, 0.5 + level / 2d);
            AssertBetween(counts.Below, parameters.RangeMin, 0.5);
            AssertBetween(counts.Values - counts.Above, parameters.RangeMax, 0.5);
        }, iter: 200);

    [Fact]
    public void Zeros_and_clipped_values_fall_where_they_belong()
    {
        var tensor = new CalibratedTensor("t", TensorStatistics.Of([0, 0, 0, -5, 7, 8, 0.5f]), Used, false, [], []);
        var counts = LevelCounts.Of(tensor);
        Assert.Equal((7, 1, 2), (counts.Values, counts.Below, counts.Above));
        Assert.Equal((1, 3, 2), (counts.Levels[0], counts.Levels[100], counts.Levels[255]));
        Assert.InRange(counts.Levels[148..153].Sum(), 0, 1);
    }

    private static string PathOf(params (float Min, float Max)[] ranges)
    {
        var trace = new CalibrationTrace();
        foreach (var (i, range) in ranges.Index()) trace.Add(4 * (i + 1), new Dictionary<string, RealRange> { ["t"] = range });
        var page = new HtmlPage();
        PathFigure.Write(page, new CalibratedTensor("t", TensorStatistics.Of([0, 1]), Used, false, [], BatchRange.Of(trace, ["t"])));
        return page.ToString();
    }

    private static string BarsOf(string html) => Regex.Match(html, "class=\"bars\" d=\"([^\"]*)\"").Groups[1].Value;
}
