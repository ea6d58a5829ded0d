using System.Collections.Immutable;

namespace Caliper.Analysis;

/// <summary>What each int8 site and each int8 weight costs at the first output if it alone is int8.</summary>
/// <param name="Network">The network they were measured in.</param>
/// <param name="SiteNoise">Noise of each site, in the order of <see cref="SwitchedNetwork.Sites"/>.</param>
/// <param name="WeightNoise">Noise of each weight, in the order of the correspondence.</param>
/// <param name="TotalNoise">Noise of all together.</param>
internal sealed record Sensitivity(SwitchedNetwork Network, ImmutableArray<double> SiteNoise, ImmutableArray<double> WeightNoise, double TotalNoise)
{
    /// <summary>Measures all, one at a time.</summary>
    public static Sensitivity Measure(SwitchedNetwork network, int weights, CancellationToken ct) => new(network,
        [.. network.Sites.Select((site, i) => network.Noise(Switches.Off with { Sites = Switches.Off.Sites.Add(i, site.Parameters) }, ct))],
        [.. Enumerable.Range(0, weights).Select(i => network.Noise(Switches.Off with { Weights = [i] }, ct))],
        network.Noise(network.AllOn, ct));

    /// <summary>Noise of all sources, each alone.</summary>
    public double SumOfParts => SiteNoise.Sum() + WeightNoise.Sum();

    /// <summary>Signal to noise at the output if a tensor's site alone is int8.</summary>
    public double DecibelsOf(Int8Tensor tensor) =>
        Decibels.Of(Network.Signal, SiteNoise[Network.Sites.Select((s, i) => (s, i)).First(p => p.s.Tensors.Contains(tensor)).i]);

    /// <summary>Signal to noise at the output if a weight alone is int8.</summary>
    public double DecibelsOfWeight(int index) => Decibels.Of(Network.Signal, WeightNoise[index]);
}
