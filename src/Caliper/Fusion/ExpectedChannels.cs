using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>
/// What a batch norm tells about a value: the mean and the standard deviation that each channel had in training. Folding
/// keeps neither, so they are read before it.
/// </summary>
/// <param name="Mean">One a channel.</param>
/// <param name="Deviation">One a channel.</param>
internal sealed record ExpectedChannels(ImmutableArray<double> Mean, ImmutableArray<double> Deviation)
{
    /// <summary>
    /// By the name of the value. What a batch norm reads had its running mean μ and variance σ²; what it returns had mean β and
    /// standard deviation |γ|·σ/√(σ²+ε). Batch norms that were never trained, all μ = 0 and σ² = 1, tell nothing.
    /// </summary>
    public static ImmutableDictionary<string, ExpectedChannels> Of(Graph graph)
    {
        var expected = ImmutableDictionary.CreateBuilder<string, ExpectedChannels>(StringComparer.Ordinal);
        foreach (var norm in graph.Nodes.Where(n => n.Is("BatchNormalization")))
        {
            var parts = Enumerable.Range(1, 4).Select(i => graph.Constant(norm.Input(i))).ToArray();
            if (parts.Any(p => p is not { Type: ElementType.Float32 } || p.Count != parts[0]!.Count)) continue;
            double[] Values(int i) => [.. parts[i]!.Span<float>().ToArray().Select(v => (double)v)];
            var (gamma, beta, mean, variance) = (Values(0), Values(1), Values(2), Values(3));
            if (mean.All(m => m == 0) && variance.All(v => v == 1)) continue;
            var epsilon = norm.Float("epsilon", 1e-5f);
            expected[norm.Input(0)] = new([.. mean], [.. variance.Select(Math.Sqrt)]);
            expected[norm.Output] = new([.. beta], [.. gamma.Select((g, c) => Math.Abs(g) * Math.Sqrt(variance[c] / (variance[c] + epsilon)))]);
        }
        return expected.ToImmutable();
    }

    /// <summary>The same of channels that are divided by powers of two.</summary>
    public ExpectedChannels DividedBy(ImmutableArray<int> exponents) => new(
        [.. Mean.Select((mean, c) => Math.ScaleB(mean, -exponents[c]))],
        [.. Deviation.Select((deviation, c) => Math.ScaleB(deviation, -exponents[c]))]);
}
