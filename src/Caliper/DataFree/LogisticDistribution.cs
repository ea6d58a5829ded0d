namespace Caliper.DataFree;

/// <summary>
/// The logistic distribution with mean 0 and standard deviation 1: bell-shaped, with the longer tails that activations have and a normal
/// distribution lacks. Nothing is drawn at random: means over it are sums on a fixed grid.
/// </summary>
internal static class LogisticDistribution
{
    /// <summary>Beyond ±20 lies less than 10⁻¹⁵.</summary>
    private const int Reach = 20, PerUnit = 32;

    /// <summary>Its scale parameter, √3/π.</summary>
    private static readonly double Scale = Math.Sqrt(3) / Math.PI;

    /// <summary>The deviates at which means are taken, and what each counts; the weights add up to 1.</summary>
    public static (double Deviate, double Weight)[] Grid { get; } = MakeGrid();

    /// <summary>The probability of a deviate at most this one.</summary>
    public static double Probability(double deviate) => 1 / (1 + Math.Exp(-deviate / Scale));

    /// <summary>The deviates that cut the distribution into parts of equal probability, each in the middle of its part, ascending.</summary>
    public static double[] Quantiles(int count) => [.. Enumerable.Range(0, count).Select(i => Scale * Math.Log((i + 0.5) / (count - i - 0.5)))];

    private static (double, double)[] MakeGrid()
    {
        var grid = Enumerable.Range(-Reach * PerUnit, (2 * Reach * PerUnit) + 1).Select(i => (double)i / PerUnit)
            .Select(z => (Deviate: z, Weight: Probability(z) * Probability(-z))).ToArray();
        var all = grid.Sum(g => g.Weight);
        return [.. grid.Select(g => (g.Deviate, g.Weight / all))];
    }
}
