namespace Caliper.Ranges;

/// <summary>How many values there are, their sum, and the sum of their squares.</summary>
internal readonly record struct Moments(double Count, double Sum, double SumOfSquares)
{
    public static Moments operator +(in Moments a, in Moments b) =>
        new(a.Count + b.Count, a.Sum + b.Sum, a.SumOfSquares + b.SumOfSquares);

    public static Moments operator -(in Moments a, in Moments b) =>
        new(a.Count - b.Count, a.Sum - b.Sum, a.SumOfSquares - b.SumOfSquares);

    /// <summary>Σ (x - point)².</summary>
    public double ErrorAt(double point) => SumOfSquares - 2 * point * Sum + point * point * Count;

    /// <summary>Moments of values spread evenly.</summary>
    public static Moments Uniform(double count, double lower, double width) =>
        new(count, count * (lower + width / 2), count * (lower * lower + lower * width + width * width / 3));
}
