using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>What assembled code reads of a convolution of floats: its weights and biases, block after block, and its bounds.</summary>
internal static unsafe class FloatBlocks
{
    /// <summary>Where the bounds lie among the constants.</summary>
    public const int Least = 0, Greatest = 64;

    /// <summary>Weights and biases, packed once for all plans of a model in which they lie alike. A quad of the walk is one float.</summary>
    public static PackedPiece Of(FloatLayer layer, Walk walk, BlockPlan plan, KernelResources resources) => resources.Model.Once(
        layer.Weights, (plan, walk, new SameNumbers<float>(layer.Bias)), () =>
        {
            var blocks = resources.Model.Shared(() => new PackedMemory()).Allocate(plan.ByteCount);
            for (var block = 0; block < plan.Count; block++)
            {
                var (layout, offset) = plan.At(block);
                Write(layer, walk, layout, block * plan.ChannelsPerBlock, new Span<byte>(blocks.Start + offset, layout.ByteCount));
            }
            return blocks;
        });

    /// <summary>The constants.</summary>
    public static PackedPiece Constants(FloatBounds bounds, KernelResources resources)
    {
        var table = new byte[128];
        var lanes = MemoryMarshal.Cast<byte, float>(table.AsSpan());
        lanes[..16].Fill(bounds.Least);
        lanes[16..].Fill(bounds.Greatest);
        return resources.Model.Shared(() => new PackedMemory()).Keep(table);
    }

    // Once, over every weight: compiled at once rather than after it is known to be slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(FloatLayer layer, Walk walk, BlockLayout layout, int firstChannel, Span<byte> block)
    {
        var floats = MemoryMarshal.Cast<byte, float>(block);
        var weights = layer.Weights.Span<float>();
        var (inputs, taps) = (layer.Channels.Inputs / layer.Groups, layer.Window.KernelHeight * layer.Window.KernelWidth);
        var channels = Math.Min(16 * layout.Vectors, layer.Channels.Outputs - firstChannel);
        if (layer.Bias.Length > 0) layer.Bias.AsSpan(firstChannel, channels).CopyTo(floats);
        for (var quad = 0; quad < walk.Quads; quad++)
        {
            // Counted in bytes, along window rows, window columns, channels.
            var (tap, input) = Math.DivRem(walk.WeightAt(quad, 0) / sizeof(float), inputs);
            var to = floats[((layout.Weights + quad * layout.QuadBytes) / sizeof(float))..];
            for (var c = 0; c < channels; c++) to[c] = weights[((firstChannel + c) * inputs + input) * taps + tap];
        }
    }
}
