using Caliper.Calibration;

namespace Caliper.Tests.Calibration;

/// <summary>What was observed at a site: of one tensor everything, of several that share a scale their values together.</summary>
public class SiteStatisticsTests
{
    private static readonly CalibrationStatistics Statistics = CalibratedSample.All();

    [Fact]
    public void Of_one_tensor_nothing_is_lost() => Assert.All(Statistics.Tensors, tensor =>
    {
        var site = Statistics.Of([tensor.Key]);
        Assert.Equal(tensor.Value.All.Channels, site.Channels);
        Assert.Equal((tensor.Value.All.Count, tensor.Value.All.Min, tensor.Value.All.Max), (site.Count, site.Min, site.Max));
    });

    [Fact]
    public void Of_several_tensors_the_values_count_together()
    {
        string[] names = [.. Statistics.Tensors.Keys.Take(2)];
        var (first, second, site) = (Statistics.Tensors[names[0]].All, Statistics.Tensors[names[1]].All, Statistics.Of([.. names]));
        Assert.Equal(first.Count + second.Count, site.Count);
        Assert.Equal((Math.Min(first.Min, second.Min), Math.Max(first.Max, second.Max)), (site.Min, site.Max));
    }

    [Fact]
    public void A_tensor_that_was_not_observed_is_named() =>
        Assert.Contains("no tensor 'stranger'", Assert.Throws<CaliperException>(() => Statistics.Of(["stranger"])).Message, StringComparison.Ordinal);
}
