using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The weights, biases and multipliers of a layer, block after block as <see cref="BlockLayout"/> says.</summary>
internal static class PackedBlocks
{
    /// <summary>The blocks of a layer, packed once for all plans of a model in which they lie alike.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="order">Where each byte of each quad finds its weight among those of a channel, or -1.</param>
    /// <param name="plan">How the blocks lie.</param>
    /// <param name="resources">What owns them.</param>
    public static unsafe PackedPiece Of(ConvolutionLayer layer, int[] order, BlockPlan plan, KernelResources resources)
    {
        var bias = layer.FoldedBias();
        var form = (plan, new SameNumbers<int>(order), new SameNumbers<int>(bias), new SameNumbers<float>(layer.Epilogue.Multipliers));
        return resources.Model.Once(layer.Weights, form, Pack);

        PackedPiece Pack()
        {
            var blocks = resources.Model.Shared(() => new PackedMemory()).Allocate(plan.ByteCount);
            for (var block = 0; block < plan.Count; block++)
            {
                var (layout, offset) = plan.At(block);
                Write(layer, order, layout, block * plan.ChannelsPerBlock, bias, new Span<byte>(blocks.Start + offset, layout.ByteCount),
                    plan.QuadsTogether);
            }
            return blocks;
        }
    }

    /// <summary>Where each byte of each quad finds its weight among those of a channel, or -1: see <see cref="Walk.WeightAt"/>.</summary>
    public static int[] Order(Walk walk)
    {
        var order = new int[4 * walk.Quads];
        for (var i = 0; i < order.Length; i++) order[i] = walk.WeightAt(i / 4, i % 4);
        return order;
    }

    /// <summary>Writes one block into zeroed memory. Channels that do not exist keep weights, bias and multiplier 0.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="order">Where each byte of each quad finds its weight among those of a channel, or -1.</param>
    /// <param name="layout">How the block lies.</param>
    /// <param name="firstChannel">Its first channel.</param>
    /// <param name="bias">The layer's biases, of the sums that the kernel makes.</param>
    /// <param name="block">The block.</param>
    /// <param name="quadsTogether">See <see cref="BlockPlan"/>.</param>
    private static void Write(ConvolutionLayer layer, int[] order, BlockLayout layout, int firstChannel, int[] bias, Span<byte> block,
        int quadsTogether)
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
                WriteLane(layer.Weights.Values.AsSpan(channel * perChannel, perChannel), order, quadsTogether, quadsTogether * layout.QuadBytes,
                    block[(layout.Weights + 64 * quadsTogether * vector + 4 * lane)..]);
            }
        }
    }

    // A network has millions of weights, and this runs once for each: compiled with all optimizations the first time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteLane(ReadOnlySpan<sbyte> weights, int[] order, int quadsTogether, int groupBytes, Span<byte> lane)
    {
        for (var i = 0; i < order.Length; i += 4)
        {
            var (group, within) = Math.DivRem(i / 4, quadsTogether);
            var quad = lane[(group * groupBytes + within * 64)..];
            // Mostly the four weights lie side by side.
            if (order[i + 3] == order[i] + 3 && order[i] >= 0) MemoryMarshal.AsBytes(weights.Slice(order[i], 4)).CopyTo(quad);
            else
                for (var j = 0; j < 4; j++)
                    if (order[i + j] >= 0) quad[j] = (byte)weights[order[i + j]];
        }
    }
}
