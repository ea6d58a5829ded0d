using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;

namespace Caliper.Analysis;

/// <summary>What each int8 site and each int8 weight costs at the first output if it alone is int8.</summary>
/// <param name="Network">The network they were measured in.</param>
/// <param name="Sites">Of each site, in the order of <see cref="SwitchedNetwork.Sites"/>.</param>
/// <param name="Weights">Of each weight, in the order of the correspondence.</param>
/// <param name="All">Of all together.</param>
internal sealed record Sensitivity(SwitchedNetwork Network, ImmutableArray<Effect> Sites, ImmutableArray<Effect> Weights, Effect All)
{
    /// <summary>Measures all, one at a time.</summary>
    public static Sensitivity Measure(SwitchedNetwork network, int weights, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        var off = Switches.Off with { Streams = network.AllOn.Streams };
        var sites = network.Sites.Select(site => off.With(site.Places, site.Parameters));
        var kernels = Enumerable.Range(0, weights).Select(i => off with { Weights = [i] });
        var effects = network.Measure([.. sites, .. kernels, network.AllOn], cancellationToken, isEnough);
        var count = network.Sites.Length;
        return new(network, effects[..count], effects[count..^1], effects[^1]);
    }

    /// <summary>Noise of all sources, each alone.</summary>
    public double SumOfParts => Sites.Concat(Weights).Sum(s => s.Noise);

    /// <summary>An activation with what its site costs alone.</summary>
    public TensorError Tell(TensorError error, Int8Tensor tensor)
    {
        var effect = Sites[Network.Sites.Index().First(s => s.Item.Tensors.Contains(tensor)).Index];
        return error with { OutputDecibels = Decibels.Of(Network.Signal, effect.Noise), LossChange = effect.Loss };
    }

    /// <summary>Weights with what they cost alone.</summary>
    public WeightError Tell(WeightError error, int index) =>
        error with { OutputDecibels = Decibels.Of(Network.Signal, Weights[index].Noise), LossChange = Weights[index].Loss };
}
