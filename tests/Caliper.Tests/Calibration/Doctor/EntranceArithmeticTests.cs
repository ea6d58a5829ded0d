using Caliper.Calibration.Doctor;
using Caliper.Fusion;

namespace Caliper.Tests.Calibration.Doctor;

public class EntranceArithmeticTests
{
    [Theory]
    [InlineData(0, 1, 0, double.PositiveInfinity)]
    [InlineData(-2, 1.5, 0, double.PositiveInfinity)]
    [InlineData(3, 0.5, 0, double.PositiveInfinity)]
    [InlineData(2, 4, 0, 6)]
    [InlineData(-1, 2, double.NegativeInfinity, 1)]
    public void The_variance_after_a_clip_is_what_integration_gives(double mean, double deviation, double min, double max)
    {
        double weight = 0, first = 0, second = 0;
        for (var x = -8d; x <= 8; x += 0.0005)
        {
            var density = Math.Exp(-x * x / 2);
            var value = Math.Clamp(mean + (deviation * x), min, max);
            (weight, first, second) = (weight + density, first + (density * value), second + (density * value * value));
        }
        var expected = (second / weight) - (first / weight * first / weight);
        var actual = ClippedNormal.Variance(mean, deviation, new ActivationRange((float)min, (float)max));
        Assert.InRange(actual, expected - 1e-5, expected + 1e-5);
    }

    [Fact]
    public void Without_an_activation_the_variance_stays() => Assert.Equal(9, ClippedNormal.Variance(5, 3, null));

    [Fact]
    public void The_means_of_training_are_found_from_what_the_outputs_say()
    {
        var random = new Random(3);
        double[] trained = [0.3, -1.5, 2];
        var responses = Enumerable.Range(0, 16).Select(_ => trained.Select(_ => (random.NextDouble() * 2) - 1).ToArray()).ToArray();
        var fit = new MeanFit(responses, [.. responses.Select(row => row.Zip(trained, (r, m) => r * m).Sum())]);

        var (means, errors) = Assert.NotNull(fit.Best());
        Assert.All(means.Zip(trained), pair => Assert.Equal(pair.Second, pair.First, 9));
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-9));
        Assert.InRange(fit.Misfit(trained), 0, 1e-9);
        double[] brighter = [0.8, -1, 2.5];
        Assert.InRange(fit.ColourMisfit(brighter, [1, 1, 1]), 0, 1e-9);
        Assert.True(fit.Misfit(brighter) > 0.1);
    }

    [Fact]
    public void Outputs_that_see_two_channels_only_together_do_not_tell_their_means_apart()
    {
        double[][] responses = [[1, 1], [2, 2], [-1, -1]];
        Assert.Null(new MeanFit(responses, [1, 2, -1]).Best());
    }
}
