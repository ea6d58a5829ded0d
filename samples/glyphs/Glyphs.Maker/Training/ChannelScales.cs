using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>
/// Gives the channels between the widening and the depthwise convolution of a block different strengths, as those of networks
/// trained on millions of photographs have. A channel that is weak by s makes the depthwise kernel that reads it, once its
/// batch norm is folded in, strong by 1/s: a spread of weights that one scale for the whole tensor cannot hold.
/// </summary>
internal static class ChannelScales
{
    /// <summary>Draws log-normal scales, not above 1.</summary>
    public static void Draw(GlyphNetwork network, TrainingOptions options, SeededRandom random)
    {
        foreach (var block in network.Blocks)
        {
            if (block.Expand is null) continue;
            foreach (ref var scale in block.Expand.Normalization.Scale.AsSpan())
                scale = Math.Clamp(MathF.Pow(2, options.ChannelSpread * random.Gaussian()), options.LeastChannelScale, 1);
        }
    }
}
