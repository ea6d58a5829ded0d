using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// The weights, biases and multipliers of a layer, block after block. As <see cref="BlockLayout"/> says, but that the weights of a vector
/// are a tile: its 16 quads, which are a step, lie one after the other, and then come those of the next vector.
/// </summary>
internal static class TileWeights
{
    private const int QuadsOfStep = StepWalk.StepBytes / 4;

    /// <summary>How the blocks of a layer lie.</summary>
    public static BlockPlan Plan(AmxPlan plan, int channels, int steps, EpilogueForm epilogue)
    {
        var last = plan.LastVectors(channels);
        return new(Layout(plan.Vectors, steps, epilogue), last > 0 ? Layout(last, steps, epilogue) : null, plan.FullBlocks(channels), QuadsOfStep);
    }

    /// <summary>How a block lies.</summary>
    public static BlockLayout Layout(int vectors, int steps, EpilogueForm epilogue) => new(vectors, QuadsOfStep * steps, epilogue.IsWide);

    /// <summary>Where each byte of each step finds its weight among those of a channel, or -1.</summary>
    public static int[] Order(StepWalk walk) =>
        [.. Enumerable.Range(0, StepWalk.StepBytes * walk.Steps).Select(i => walk.WeightAt(i / StepWalk.StepBytes, i % StepWalk.StepBytes))];
}
