using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>A tensor that is rounded to 8 bits: an activation, with all that share its scale, or the weights of a layer.</summary>
/// <param name="Place">The activation's name, or the layer of the weights.</param>
/// <param name="IsActivation">Which of the two.</param>
/// <param name="Index">Its place among the sites, or among the weights.</param>
/// <param name="Share">Its noise at each output if it alone is rounded, as a share of the signal.</param>
/// <param name="Layers">The linear layers whose products become more expensive if it is not.</param>
/// <param name="Elements">How many elements of one sample become float.</param>
internal sealed record NoiseSource(
    string Place, bool IsActivation, int Index, ImmutableArray<double> Share, ImmutableArray<string> Layers, long Elements)
{
    /// <summary>What else an activation costs that is float, in multiply-adds of 8 bits: the pools that it goes through.</summary>
    public double Moved { get; init; }

    /// <summary>Places of the constants that become float with an activation: those that are added or multiplied to make it.</summary>
    public ImmutableArray<int> Constants { get; init; } = [];
}
