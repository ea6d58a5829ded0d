namespace Caliper.Testing;

/// <summary>Draws that calibration meets: symmetric and one-sided, with light and heavy tails. The same numbers every time.</summary>
internal static class Distributions
{
    private static readonly (string Name, Func<Random, double> Draw)[] Known =
    [
        ("normal", Normal),
        ("ReLU(normal)", random => Math.Max(0, Normal(random))),
        ("Laplace", random => (random.Next(2) == 0 ? -1 : 1) * Exponential(random)),
        ("exponential", Exponential),
        ("Student t, 2 dof", random => Normal(random) / Math.Sqrt(Exponential(random))),
        ("lognormal(0, 2)", random => Math.Exp(2 * Normal(random))),
    ];

    /// <summary>What the distributions are called.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>Some values of a distribution.</summary>
    public static float[] Draw(string name, int count, int seed = 1)
    {
        var (random, draw) = (new Random(seed), Known.Single(k => k.Name == name).Draw);
        return [.. Enumerable.Range(0, count).Select(_ => (float)draw(random))];
    }

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());

    private static double Normal(Random random) => Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());
}
