using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Importing;

/// <summary>Puts weights in the order the kernels take: output channel, window, input channel, as signed bytes.</summary>
internal static class WeightMatrix
{
    /// <summary>Weights as the kernels take them: read once of a model.</summary>
    /// <param name="resources">What keeps them.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="outputs">How many outputs they have.</param>
    /// <param name="order">Puts them in order: one of the methods below.</param>
    public static LayerWeights Of(KernelResources resources, IntegerConstant weights, int outputs, Func<Tensor, sbyte[]> order)
    {
        var zeroPoints = ZeroPoints(weights, outputs);
        var form = (order.Method.Name, new SameNumbers<int>(zeroPoints));
        return resources.Model.Once(weights.Tensor, form, () => Centered(() => order(weights.Tensor), zeroPoints));
    }

    /// <summary>Weights of a convolution: O×I×spatial becomes O×spatial×I.</summary>
    // Runs once, over every weight: compiled at once rather than after it is known to be slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static sbyte[] ChannelsLast(Tensor tensor)
    {
        var (outputs, inputs) = ((int)tensor.Shape[0].Length, (int)tensor.Shape[1].Length);
        var taps = tensor.Count / Math.Max(1, outputs * inputs);
        if (taps == 1) return Rows(tensor);
        var source = tensor.Bytes.Span;
        var flip = FlipOf(tensor);
        var result = new sbyte[tensor.Count];
        for (int o = 0, at = 0; o < outputs; o++)
            for (var tap = 0; tap < taps; tap++)
                for (var i = 0; i < inputs; i++) result[at++] = (sbyte)(source[(o * inputs + i) * taps + tap] ^ flip);
        return result;
    }

    /// <summary>A matrix whose rows are outputs.</summary>
    public static sbyte[] Rows(Tensor tensor)
    {
        var result = MemoryMarshal.Cast<byte, sbyte>(tensor.Bytes.Span).ToArray();
        if (FlipOf(tensor) is not 0 and var flip)
            foreach (ref var value in result.AsSpan()) value = (sbyte)(value ^ flip);
        return result;
    }

    /// <summary>A matrix whose columns are outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static sbyte[] Columns(Tensor tensor)
    {
        // As many rows and columns at a time as the first cache has lines for.
        const int Square = 64;
        var (inputs, outputs) = ((int)tensor.Shape[0].Length, (int)tensor.Shape[1].Length);
        var source = tensor.Bytes.Span;
        var flip = FlipOf(tensor);
        var result = new sbyte[tensor.Count];
        for (var i0 = 0; i0 < inputs; i0 += Square)
            for (var o0 = 0; o0 < outputs; o0 += Square)
                for (var o = o0; o < Math.Min(outputs, o0 + Square); o++)
                    for (var i = i0; i < Math.Min(inputs, i0 + Square); i++)
                        result[o * inputs + i] = (sbyte)(source[i * outputs + o] ^ flip);
        return result;
    }

    /// <summary>The zero point of each output, for weights as signed bytes.</summary>
    public static int[] ZeroPoints(IntegerConstant weights, int outputs)
    {
        var shift = weights.Tensor.Type is ElementType.UInt8 ? 128 : 0;
        return [.. Enumerable.Range(0, outputs).Select(o => weights.ZeroPoints[weights.ZeroPoints.Length == 1 ? 0 : o] - shift)];
    }

    /// <summary>The same differences of weights and zero points, with zero points of 0 where all of them fit a signed byte: kernels
    /// that are fast take no others.</summary>
    private static LayerWeights Centered(Func<sbyte[]> read, int[] zeroPoints)
    {
        var weights = read();
        return zeroPoints.All(z => z == 0) || Difference(weights, zeroPoints) is not { } centered ? new(weights, zeroPoints, read)
            : new(centered, new int[zeroPoints.Length], () => Difference(read(), zeroPoints)!);
    }

    private static sbyte[]? Difference(sbyte[] weights, int[] zeroPoints)
    {
        var per = weights.Length / zeroPoints.Length;
        var centered = new sbyte[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var difference = weights[i] - zeroPoints[i / per];
            if (difference is < sbyte.MinValue or > sbyte.MaxValue) return null;
            centered[i] = (sbyte)difference;
        }
        return centered;
    }

    /// <summary>What makes signed bytes of the ones that are there: unsigned ones less 128.</summary>
    private static byte FlipOf(Tensor tensor) => tensor.Type is ElementType.UInt8 ? (byte)0x80 : (byte)0;
}
