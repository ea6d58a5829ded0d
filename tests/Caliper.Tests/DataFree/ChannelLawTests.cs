using Caliper.DataFree;
using CsCheck;

namespace Caliper.Tests.DataFree;

/// <summary>Means and variances of what operations make of expected values, against closed forms and against finer sums.</summary>
public class ChannelLawTests
{
    private const double Close = 2e-4;

    private static readonly Gen<(double Mean, double Deviation)> SomeLaw = Gen.Select(Gen.Double[-4, 4], Gen.Double[0.05, 3]);

    [Fact]
    public void What_a_batch_norm_tells_are_the_moments() => SomeLaw.Sample(law =>
    {
        var (mean, variance) = Of(law).Moments[0];
        Assert.Equal(law.Mean, mean, 1e-6);
        Assert.Equal(law.Deviation * law.Deviation, variance, 1e-5);
    });

    /// <summary>Of a logistic distribution with scale a the mean above zero is a·ln(1 + e^(mean/a)).</summary>
    [Fact]
    public void The_mean_after_a_relu_is_the_softplus() => SomeLaw.Sample(law =>
    {
        var scale = law.Deviation * Math.Sqrt(3) / Math.PI;
        var expected = scale * Math.Log(1 + Math.Exp(law.Mean / scale));
        Assert.Equal(expected, Of(law).Through((_, x) => Math.Max(x, 0)).Moments[0].Mean, Close * law.Deviation);
    });

    [Fact]
    public void Moments_of_activations_are_those_of_a_finer_sum() => SomeLaw.Sample(law => Assert.All(
        new Func<double, double>[] { x => Math.Clamp(x, 0, 6), x => x < 0 ? 0.1 * x : x, x => x * Math.Clamp((x / 6) + 0.5, 0, 1) }, function =>
        {
            var (mean, variance) = Of(law).Through((_, x) => function(x)).Moments[0];
            var (expectedMean, expectedVariance) = Finer(law, function);
            Assert.Equal(expectedMean, mean, 2e-3);
            Assert.InRange(variance, expectedVariance * 0.99 - 1e-4, expectedVariance * 1.01 + 1e-4);
        }), iter: 40);

    [Fact]
    public void Cutting_off_never_adds_to_the_variance_and_stays_within_the_bounds() => SomeLaw.Sample(law =>
    {
        var (mean, variance) = Of(law).Through((_, x) => Math.Clamp(x, 0, 6)).Moments[0];
        Assert.InRange(mean, 0, 6);
        Assert.InRange(variance, 0, law.Deviation * law.Deviation);
    });

    [Fact]
    public void Of_independent_values_sums_add_means_and_variances_and_products_multiply_mean_squares() =>
        Gen.Select(SomeLaw, SomeLaw).Sample((one, other) =>
        {
            var (mean, variance) = ChannelLaw.Sum(Of(one), Of(other)).Moments[0];
            Assert.Equal(one.Mean + other.Mean, mean, 1e-5);
            Assert.Equal(Squared(one.Deviation) + Squared(other.Deviation), variance, 1e-3);
            var product = ChannelLaw.Product(Of(one), Of(other)).Moments[0];
            var square = (Squared(one.Mean) + Squared(one.Deviation)) * (Squared(other.Mean) + Squared(other.Deviation));
            Assert.Equal(square, Squared(product.Mean) + product.Variance, 1e-4 * square);
        });

    [Fact]
    public void What_is_moved_has_the_moments_that_are_told_within_its_bounds()
    {
        var cut = Of((0.2, 1)).Through((_, x) => Math.Max(x, 0));
        var (mean, variance) = cut.MovedTo([2], [1.5]).Moments[0];
        Assert.Equal(2, mean, 0.1);
        Assert.Equal(2.25, variance, 0.2);
        Assert.True(cut.MovedTo([0.1], [1]).At(0, -9) >= 0);
    }

    [Fact]
    public void Mixed_channels_have_the_mean_and_variance_of_all()
    {
        var (mean, variance) = ChannelLaw.Of([0, 4], [1, 1]).Mixed(3).Moments[2];
        Assert.Equal(2, mean, 0.01);
        Assert.Equal(5, variance, 0.05);
    }

    [Fact]
    public void Quantiles_ascend_are_even_about_zero_and_have_variance_one()
    {
        var quantiles = LogisticDistribution.Quantiles(8192);
        Assert.Equal(quantiles.Order(), quantiles);
        Assert.Equal(0, quantiles.Sum(), 1e-6);
        Assert.Equal(1, quantiles.Average(Squared), 0.01);
        Assert.All(quantiles.Index().Where(q => q.Index % 97 == 0), q =>
            Assert.Equal((q.Index + 0.5) / quantiles.Length, LogisticDistribution.Probability(q.Item), 1e-12));
    }

    private static ChannelLaw Of((double Mean, double Deviation) law) => ChannelLaw.Of([law.Mean], [law.Deviation]);

    private static double Squared(double x) => x * x;

    private static (double Mean, double Variance) Finer((double Mean, double Deviation) law, Func<double, double> function)
    {
        var values = LogisticDistribution.Quantiles(200_000).Select(z => function(law.Mean + (law.Deviation * z))).ToArray();
        var mean = values.Average();
        return (mean, values.Average(v => Squared(v - mean)));
    }
}
