namespace Caliper.Evaluation;

/// <summary>
/// What the samples whose answer changed tell of the difference between two shares on the same samples. Those that both models get right, or
/// both wrong, tell nothing of it: two models are compared with far fewer samples than two accuracies that were measured apart.
/// </summary>
internal static class PairedDifference
{
    // Halvings of an interval of length 1: beyond the precision of a double.
    private const int Halvings = 60;

    /// <summary>The exact two-sided p value of McNemar's test: how likely the changes are so uneven, or more, if either direction is as likely as
    /// the other. Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages, Psychometrika 12
    /// (1947), in the binomial form.</summary>
    /// <param name="one">Changes in one direction.</param>
    /// <param name="other">Changes in the other.</param>
    public static double McNemar(int one, int other)
    {
        if (one == other) return 1;
        var (few, all) = (Math.Min(one, other), (long)one + other);
        // The term at the end of the tail is its greatest: those before it follow by ratios until nothing is added any more.
        var logarithm = -all * Math.Log(2);
        for (var i = 1; i <= few; i++) logarithm += Math.Log((double)(all - few + i) / i);
        double sum = 0, term = 1;
        for (var k = few; k >= 0 && term > 1e-18 * sum; k--)
        {
            sum += term;
            term *= k / (double)(all - k + 1);
        }
        return Math.Min(1, 2 * Math.Exp(logarithm) * sum);
    }

    /// <summary>The interval of <c>(lost − gained) / samples</c> by the score of T. Tango, Equivalence test and confidence interval for the
    /// difference in proportions for the paired-sample design, Statistics in Medicine 17 (1998): all differences that the score test does not
    /// reject. It holds for few changes and for none, where it is <c>± z² / (n + z²)</c>.</summary>
    public static ConfidenceInterval Interval(int samples, int lost, int gained)
    {
        var difference = (lost - gained) / (double)samples;
        return new(Bound(-1, ConfidenceInterval.Z), Bound(1, -ConfidenceInterval.Z));

        // The score falls as the assumed difference grows; the bound is where it reaches the limit.
        double Bound(double outer, double limit)
        {
            double rejected = outer, fitting = difference;
            if (Math.Abs(Score(samples, lost, gained, outer)) <= ConfidenceInterval.Z) return outer;
            for (var i = 0; i < Halvings; i++)
            {
                var middle = (rejected + fitting) / 2;
                var score = Score(samples, lost, gained, middle);
                if (limit > 0 ? score > limit : score < limit) rejected = middle;
                else fitting = middle;
            }
            return fitting;
        }
    }

    /// <summary>How many samples find a difference of this size at 95 % confidence four times of five, where this share of the answers changes:
    /// R. J. Connor, Sample size for testing differences in proportions for the paired-sample design, Biometrics 43 (1987).</summary>
    public static double SamplesFor(double difference, double changing)
    {
        const double Power80 = 0.8416212335729143;
        // What is lost has changed, so that no fewer can have.
        changing = Math.Clamp(changing, difference, 1);
        var root = ConfidenceInterval.Z * Math.Sqrt(changing) + Power80 * Math.Sqrt(changing - difference * difference);
        return Math.Ceiling(root * root / (difference * difference));
    }

    /// <summary>Tango's score: how many standard deviations the counts are from an assumed difference, with the share of gains that is most likely
    /// under it.</summary>
    private static double Score(double n, double lost, double gained, double assumed)
    {
        var b = (2 * n - lost + gained) * assumed - lost - gained;
        var c = -gained * assumed * (1 - assumed);
        var share = (Math.Sqrt(Math.Max(0, b * b - 8 * n * c)) - b) / (4 * n);
        var variance = n * (2 * share + assumed * (1 - assumed));
        var distance = lost - gained - n * assumed;
        return distance == 0 ? 0 : variance <= 0 ? double.CopySign(double.PositiveInfinity, distance) : distance / Math.Sqrt(variance);
    }
}
