using Caliper.Search;

namespace Caliper.Tests.Search;

/// <summary>What is expected of points that were measured on few samples, from those that were judged on more.</summary>
public sealed class MeasuredPointTests
{
    [Fact]
    public void A_point_is_expected_to_differ_as_the_nearest_that_was_judged()
    {
        MeasuredPoint[] points = [.. new[] { 10.0, 20, 25, 30, 31 }.Select(d => new MeasuredPoint(WideningPath.Start, Step(d)))];
        points[0] = points[0].JudgedAs(Step(9));
        points[3] = points[3].JudgedAs(Step(28));
        Assert.Equal([9.0, 19, 23, 28, 29], MeasuredPoint.StepsOf(points).Select(s => s.Decibels));
    }

    [Fact]
    public void Without_any_that_was_judged_it_is_as_it_was_measured() =>
        Assert.Equal([10.0], MeasuredPoint.StepsOf([new(WideningPath.Start, Step(10))]).Select(s => s.Decibels));

    private static SearchStep Step(double decibels) => new(decibels, 0, 0, 0, 0);
}
