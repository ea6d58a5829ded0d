using CsCheck;

namespace Caliper.Evaluation.Tests;

public class AccuracyChangeTests
{
    private static readonly Gen<(int Samples, int Lost, int Gained)> Counts =
        Gen.Select(Gen.Int[1, 3000], Gen.Double[0, 1], Gen.Double[0, 1]).Select((n, changed, lost) =>
        {
            var changes = (int)(changed * n);
            var losses = (int)(lost * changes);
            return (n, losses, changes - losses);
        });

    // Bentur 2009 and Cavo 2012, in M. W. Fagerland, S. Lydersen, P. Laake, Recommended tests and confidence intervals for paired binomial
    // proportions, Statistics in Medicine 33 (2014), with their signs turned.
    [Theory]
    [InlineData(21, 7, 1, 0.286, 0.026, 0.517, 0.0703)]
    [InlineData(161, 16, 6, 0.0621, 0.0054, 0.1240, 0.052479)]
    public void Published_intervals_and_p_values_come_out(int n, int lost, int gained, double estimate, double lower, double upper, double p)
    {
        var change = new AccuracyChange(n, lost, gained);
        var digits = p < 0.06 ? 4 : 3;
        Assert.Equal(100 * estimate, change.Points, digits - 2);
        Assert.Equal(100 * lower, change.Interval.Lower, digits - 2);
        Assert.Equal(100 * upper, change.Interval.Upper, digits - 2);
        Assert.Equal(p, change.PValue, digits);
        Assert.False(change.IsTold);
    }

    // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilsons_interval_is_the_published_one(int count, int total, double lower, double upper)
    {
        var interval = ConfidenceInterval.OfShare(count, total);
        Assert.Equal((lower, upper), (Math.Round(interval.Lower, 4), Math.Round(interval.Upper, 4)));
        var mirrored = ConfidenceInterval.OfShare(total - count, total);
        Assert.Equal(1 - interval.Lower, mirrored.Upper, 1e-12);
        Assert.Equal(1 - interval.Upper, mirrored.Lower, 1e-12);
    }

    [Fact]
    public void Swapped_models_give_the_mirrored_interval_and_the_same_p() => Counts.Sample(c =>
    {
        var (one, other) = (new AccuracyChange(c.Samples, c.Lost, c.Gained), new AccuracyChange(c.Samples, c.Gained, c.Lost));
        Assert.Equal(one.Interval.Lower, -other.Interval.Upper, 1e-9);
        Assert.Equal(one.Interval.Upper, -other.Interval.Lower, 1e-9);
        Assert.Equal((one.PValue, one.IsTold), (other.PValue, other.IsTold));
    });

    [Fact]
    public void The_interval_holds_the_difference_and_is_never_a_point() => Counts.Sample(c =>
    {
        var change = new AccuracyChange(c.Samples, c.Lost, c.Gained);
        Assert.InRange(change.Points, change.Interval.Lower - 1e-9, change.Interval.Upper + 1e-9);
        Assert.True(change.Interval.Upper - change.Interval.Lower > 0.01 / c.Samples);
        Assert.InRange(change.Interval.Lower, -100, 100);
        Assert.InRange(change.Interval.Upper, -100, 100);
        Assert.InRange(change.PValue, 0, 1);
    });

    [Fact]
    public void Where_nothing_changes_few_samples_cannot_tell_that_nothing_is_lost()
    {
        var change = new AccuracyChange(300, 0, 0);
        const double Most = 100 * 3.841459 / 303.841459;
        Assert.Equal((1, false), (change.PValue, change.IsTold));
        Assert.Equal(Most, change.Interval.Upper, 1e-4);
        Assert.Equal(-Most, change.Interval.Lower, 1e-4);
        Assert.True(new AccuracyChange(30_000, 0, 0).Interval.Upper < Most / 90);
    }

    [Fact]
    public void The_p_value_is_the_sum_of_the_binomial_tail() => Gen.Int[0, 40].Select(Gen.Int[0, 40]).Sample(pair =>
    {
        var (lost, gained) = pair;
        double sum = 0, ways = 1;
        for (var k = 0; k <= Math.Min(lost, gained); k++)
        {
            sum += ways * Math.Pow(0.5, lost + gained);
            ways *= (double)(lost + gained - k) / (k + 1);
        }
        Assert.Equal(Math.Min(1, 2 * sum), new AccuracyChange(100, lost, gained).PValue, 1e-10);
    });

    [Fact]
    public void Many_changes_neither_overflow_nor_underflow()
    {
        Assert.Equal(1, new AccuracyChange(2_000_000, 500_000, 500_000).PValue);
        Assert.InRange(new AccuracyChange(2_000_000, 500_000, 500_001).PValue, 0.99, 1);
        Assert.InRange(new AccuracyChange(2_000_000, 900_000, 100_000).PValue, 0, 1e-300);
    }

    [Fact]
    public void More_samples_are_needed_for_a_smaller_loss_and_for_more_changes()
    {
        var few = new AccuracyChange(300, 3, 1);
        Assert.True(few.SamplesToTell(0.2) > few.SamplesToTell(0.5));
        Assert.True(new AccuracyChange(300, 10, 10).SamplesToTell(0.5) > few.SamplesToTell(0.5));
        // Connor's formula for 1.3 % of the answers changing, by hand: (1.96·0.11547 + 0.8416·0.11536)² / 0.005².
        Assert.Equal(4182, few.SamplesToTell(0.5), 10.0);
        Assert.Throws<ArgumentOutOfRangeException>(() => few.SamplesToTell(0));
    }

    [Fact]
    public void It_says_in_words_what_the_samples_can_tell()
    {
        var unsure = new AccuracyChange(300, 3, 1).ToString();
        Assert.StartsWith(
            "Of 300 samples 3 are right only before, 1 only after: that fits anything from a gain of ", unsure, StringComparison.Ordinal);
        Assert.Contains("cannot tell whether accuracy changes", unsure, StringComparison.Ordinal);
        Assert.Contains("To tell a loss of 0.5 points, about 4,200 are needed.", unsure, StringComparison.Ordinal);
        Assert.Contains("accuracy falls by 20.00 points, ", new AccuracyChange(1800, 400, 40).ToString(), StringComparison.Ordinal);
        Assert.Contains("accuracy rises by 20.00 points, ", new AccuracyChange(1800, 40, 400).ToString(), StringComparison.Ordinal);
        Assert.Contains("a loss of 2 points", new AccuracyChange(100, 3, 1).Tell(2), StringComparison.Ordinal);
        Assert.EndsWith(" A loss of more than 0.5 points does not fit.", new AccuracyChange(2000, 3, 3).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_counts_what_changes()
    {
        // Labels 0, 1, 1, 0; the reference is right on the first three, the candidate on the first and the last.
        var batch = StubModel.Rows([0, 1, 1, 0], [3, 1], [1, 3], [0, 5], [1, 2]);
        var turned = new StubModel(x => Graphs.Tensor.Of(x.Shape, [3f, 1, 3, 1, 5, 0, 2, 1]));
        var result = ModelComparison.Compare(StubModel.Identity, turned, null, [batch]);
        Assert.Equal(new AccuracyChange(4, 2, 1), result.AccuracyChange);
        Assert.Equal(result.Acc1Drop!.Value, result.AccuracyChange!.Points, 1e-12);
        Assert.Equal(ConfidenceInterval.OfShare(1, 4).Lower * 100, result.AgreementInterval!.Value.Lower, 1e-12);
        Assert.Null(ModelComparison.Compare(StubModel.Identity, turned, null, [batch with { Labels = null }]).AccuracyChange);
    }
}
