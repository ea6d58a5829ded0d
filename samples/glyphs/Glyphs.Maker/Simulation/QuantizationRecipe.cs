using System.Collections.Immutable;

namespace Glyphs.Simulation;

/// <summary>How the simulation quantizes; ranges of activations are the least and greatest values seen.</summary>
/// <param name="Name">For people.</param>
/// <param name="ActivationLevels">Greatest integer of an activation, the least being 0.</param>
/// <param name="WeightsPerChannel">Whether each output channel's weights have a scale of their own.</param>
internal sealed record QuantizationRecipe(string Name, int ActivationLevels, bool WeightsPerChannel)
{
    /// <summary>PyTorch's <c>default_qconfig</c>: activations of 7 bits, one scale for all weights of a layer.</summary>
    public static readonly QuantizationRecipe Naive = new("naive", 127, WeightsPerChannel: false);

    /// <summary>Activations of 8 bits, a scale for each output channel.</summary>
    public static readonly QuantizationRecipe Good = new("good", 255, WeightsPerChannel: true);

    /// <summary>The two, and what lies between: which of their differences matters.</summary>
    public static readonly ImmutableArray<QuantizationRecipe> All =
        [Naive, new("8 bits", 255, WeightsPerChannel: false), new("per channel", 127, WeightsPerChannel: true), Good];

    /// <summary>The numbers in words.</summary>
    public string Description =>
        $"activations 0..{ActivationLevels}, weights -128..127 with one scale per {(WeightsPerChannel ? "channel" : "tensor")}";
}
