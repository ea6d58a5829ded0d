using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// The weights, biases and multipliers of a layer, block after block. As <see cref="BlockLayout"/> says, but that the weights of a vector
/// are a tile: its 16 quads, which are a step, lie behind each other, and then come those of the next vector.
/// </summary>
internal static class TileWeights
{
    private const int QuadsOfStep = StepWalk.StepBytes / 4, TileBytes = 64 * QuadsOfStep;

    /// <summary>How a block lies.</summary>
    public static BlockLayout Layout(int vectors, int steps, EpilogueForm epilogue) => new(vectors, QuadsOfStep * steps, epilogue.IsWide);

    /// <summary>Where each byte of each step finds its weight among those of a channel, or -1.</summary>
    public static int[] Order(StepWalk walk) =>
        [.. Enumerable.Range(0, StepWalk.StepBytes * walk.Steps).Select(i => walk.WeightAt(i / StepWalk.StepBytes, i % StepWalk.StepBytes))];

    /// <summary>Writes one block into zeroed memory. Channels that do not exist keep weights, bias and multiplier 0.</summary>
    public static void Write(ConvolutionLayer layer, int[] order, BlockLayout layout, int firstChannel, int[] bias, Span<byte> block)
    {
        var biases = MemoryMarshal.Cast<byte, int>(block);
        var multipliers = MemoryMarshal.Cast<byte, float>(block[layout.Multipliers(0)..]);
        var perChannel = layer.Shape.ProductsPerOutput;
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            for (var lane = 0; lane < 16; lane++)
            {
                var channel = firstChannel + layout.ChannelAt(vector, lane);
                if (channel >= layer.Shape.OutputChannels) continue;
                biases[16 * vector + lane] = bias[channel];
                multipliers[16 * vector + lane] = layer.Epilogue.Multipliers[channel];
                WriteLane(layer.Weights.AsSpan(channel * perChannel, perChannel), order, layout.Vectors * TileBytes,
                    block[(layout.Weights + vector * TileBytes + 4 * lane)..]);
            }
        }
    }

    // Runs once for each of millions of weights: compiled with all optimizations the first time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteLane(ReadOnlySpan<sbyte> weights, int[] order, int stepBytes, Span<byte> lane)
    {
        for (var i = 0; i < order.Length; i += 4)
        {
            var quad = lane[(i / StepWalk.StepBytes * stepBytes + i / 4 % QuadsOfStep * 64)..];
            // Mostly the four weights lie side by side.
            if (order[i + 3] == order[i] + 3 && order[i] >= 0) MemoryMarshal.AsBytes(weights.Slice(order[i], 4)).CopyTo(quad);
            else
                for (var j = 0; j < 4; j++)
                    if (order[i + j] >= 0) quad[j] = (byte)weights[order[i + j]];
        }
    }
}
