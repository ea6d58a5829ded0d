namespace Caliper.Kernels.Convolution;

/// <summary>Everything a kernel is made for: geometry, weights, and what happens to the sums.</summary>
/// <param name="Name">The layer's name, for reports.</param>
/// <param name="Shape">Geometry.</param>
/// <param name="Weights">In the order output channel, window row, window column, input channel (one for depthwise). Fast kernels take layers
/// whose weights have no zero points.</param>
/// <param name="Bias">Of each output channel, in steps of the sums.</param>
/// <param name="InputZeroPoint">The byte that stands for 0.</param>
/// <param name="Epilogue">What happens to the sums.</param>
internal sealed record ConvolutionLayer(
    string Name, ConvolutionShape Shape, LayerWeights Weights, int[] Bias, byte InputZeroPoint, Epilogue Epilogue)
{
    /// <summary>The bias with the input's zero point in it: <c>bias − z_x · Σ(w − z_w)</c>, modulo 2³². What a kernel adds to
    /// <c>Σ x · (w − z_w)</c>; the sum of both fits int32 whatever the parts do.</summary>
    public int[] FoldedBias()
    {
        var (folded, sums) = (new int[Bias.Length], Weights.Sums);
        for (var i = 0; i < folded.Length; i++) folded[i] = unchecked(Bias[i] - InputZeroPoint * sums[i]);
        return folded;
    }
}
