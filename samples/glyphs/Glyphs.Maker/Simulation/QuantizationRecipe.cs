namespace Glyphs.Simulation;

/// <summary>How the simulation quantizes.</summary>
/// <param name="Name">For people.</param>
/// <param name="ActivationLevels">Greatest integer of an activation, the least being 0.</param>
/// <param name="WeightsPerChannel">Whether each output channel's weights have a scale of their own.</param>
internal sealed record QuantizationRecipe(string Name, int ActivationLevels, bool WeightsPerChannel)
{
    /// <summary>PyTorch's <c>default_qconfig</c>: activations of 7 bits, one scale for all weights of a layer.</summary>
    public static readonly QuantizationRecipe Naive = new("naive", 127, WeightsPerChannel: false);

    /// <summary>Activations of 8 bits, a scale for each output channel.</summary>
    public static readonly QuantizationRecipe Good = new("good", 255, WeightsPerChannel: true);
}
