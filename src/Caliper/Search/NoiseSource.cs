using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>What is rounded to 8 bits.</summary>
internal enum NoiseKind
{
    /// <summary>An activation, for others than those that multiply it: what adds to it, pools it, returns it.</summary>
    Stream,

    /// <summary>An activation, for the layers that multiply it.</summary>
    Factor,

    /// <summary>The weights of a layer.</summary>
    Weights,
}

/// <summary>A rounding to 8 bits: of an activation, with all that share its scale, or of the weights of a layer.</summary>
/// <param name="Place">The activation's name, or the layer of the weights.</param>
/// <param name="Kind">What is rounded.</param>
/// <param name="Index">Its place among the sites, or among the weights.</param>
/// <param name="Share">Its noise at each output if it alone is rounded, as a share of the signal.</param>
internal sealed record NoiseSource(string Place, NoiseKind Kind, int Index, ImmutableArray<double> Share)
{
    /// <summary>The linear layers whose products become more expensive without it.</summary>
    public ImmutableArray<string> Layers { get; init; } = [];

    /// <summary>What it costs that an activation is float, in multiply-adds of 8 bits.</summary>
    public double Floated { get; init; }

    /// <summary>Whether this is a stream that layers multiply, too: they go on reading 8 bits.</summary>
    public bool IsAlsoMultiplied { get; init; }

    /// <summary>Places of the constants that become float with an activation: those that are added or multiplied to make
    /// it, and the weights of those who multiply it as float.</summary>
    public ImmutableArray<int> Constants { get; init; } = [];

    /// <summary>What must be taken away before this: who multiplies an activation sees 16 bits only of what is float for all others.</summary>
    public NoiseSource? Before { get; init; }
}
