using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Recovery;

namespace Caliper.Conversion;

/// <summary>
/// Rounding the weights of a channel shifts the mean of what it computes: by the error of each weight times the mean of what
/// it is multiplied with. Those means are known from calibration, so the bias can take the shift back (M. Nagel et al.,
/// "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019, section 4.2, with observed means). What
/// padding takes away at the borders of an image is left out of account.
/// </summary>
internal static class BiasCorrection
{
    /// <summary>Adds to each bias what its channel's weights have lost.</summary>
    /// <param name="node">A Conv or Gemm.</param>
    /// <param name="weights">The weights of a Conv, [outputs, inputs / group, …], or of a Gemm.</param>
    /// <param name="rounded">The same, as the integers stand for them.</param>
    /// <param name="inputMeans">The mean of each input channel. Where their number is not the layer's, nothing is changed.</param>
    /// <param name="bias">One for each output channel.</param>
    public static void Apply(Node node, Tensor weights, Tensor rounded, ReadOnlySpan<double> inputMeans, Span<float> bias)
    {
        var kind = OperatorCatalogue.ProductOf(node);
        var isTransposed = kind is ProductKind.Gemm && node.Int("transB", 0) == 0;
        var group = OperatorCatalogue.GroupsOf(node);
        var inputs = (int)weights.Shape[isTransposed ? 0 : 1].Length;
        if (kind is not (ProductKind.Convolution or ProductKind.Gemm) || inputs * group != inputMeans.Length) return;
        var exact = weights.Span<float>();
        var actual = rounded.Span<float>();
        var taps = exact.Length / bias.Length / inputs;
        for (var output = 0; output < bias.Length; output++)
        {
            var shift = 0.0;
            for (var input = 0; input < inputs; input++)
            {
                var first = isTransposed ? input * bias.Length + output : (output * inputs + input) * taps;
                var lost = 0.0;
                for (var tap = first; tap < first + taps; tap++) lost += (double)exact[tap] - actual[tap];
                shift += lost * inputMeans[output / (bias.Length / group) * inputs + input];
            }
            bias[output] += (float)shift;
        }
    }

    /// <summary>The same with the mean of each weight's own operand, which knows how much of it was padding.</summary>
    /// <param name="node">A Conv or Gemm.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="rounded">The same, as the integers stand for them.</param>
    /// <param name="moments">Of the layer's input.</param>
    /// <param name="bias">One for each output channel.</param>
    public static void Apply(Node node, Tensor weights, Tensor rounded, LayerMoments moments, Span<float> bias)
    {
        var places = WeightPlaces.Of(node, weights, moments.Taps);
        var exact = weights.Span<float>();
        var actual = rounded.Span<float>();
        double[]? means = null;
        for (var output = 0; output < bias.Length; output++)
        {
            var perGroup = bias.Length / moments.Groups;
            if (output % perGroup == 0) means = moments.MeanOf(output / perGroup);
            var shift = 0.0;
            for (var tap = 0; tap < moments.Taps; tap++)
            {
                var place = places.Index(output, tap);
                shift += ((double)exact[place] - actual[place]) * means![tap];
            }
            bias[output] += (float)shift;
        }
    }
}
