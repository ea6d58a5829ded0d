using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Convolution;

/// <summary>Everything a kernel is made for: geometry, weights, and what happens to the sums.</summary>
/// <param name="Name">The layer's name, for reports.</param>
/// <param name="Shape">Geometry.</param>
/// <param name="Weights">Signed weights in the order output channel, window row, window column, input channel (one for
/// depthwise). Unsigned ones arrive here less 128, and so do their zero points.</param>
/// <param name="WeightZeroPoints">Zero point of each output channel's weights. Fast kernels take layers where all are
/// 0 (<see cref="HasWeightZeroPoints"/> is false).</param>
/// <param name="Bias">Of each output channel, in steps of the sums.</param>
/// <param name="InputZeroPoint">The byte that stands for 0.</param>
/// <param name="Epilogue">What happens to the sums.</param>
internal sealed record ConvolutionLayer(
    string Name, ConvolutionShape Shape, sbyte[] Weights, int[] WeightZeroPoints, int[] Bias, byte InputZeroPoint,
    Epilogue Epilogue)
{
    /// <summary>Whether any weight zero point is not 0.</summary>
    public bool HasWeightZeroPoints { get; } = WeightZeroPoints.Any(z => z != 0);

    /// <summary>The bias with the input's zero point in it: <c>bias − z_x · Σ(w − z_w)</c>, modulo 2³². What a kernel adds to
    /// <c>Σ x · (w − z_w)</c>; the sum of both fits int32 whatever the parts do.</summary>
    // Runs once, over every weight: compiled at once rather than after it is known to be slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int[] FoldedBias()
    {
        var folded = new int[Bias.Length];
        var count = Shape.ProductsPerOutput;
        for (var channel = 0; channel < folded.Length; channel++)
        {
            var sum = 0;
            foreach (var weight in Weights.AsSpan(channel * count, count)) sum += weight - WeightZeroPoints[channel];
            folded[channel] = unchecked(Bias[channel] - InputZeroPoint * sum);
        }
        return folded;
    }
}
