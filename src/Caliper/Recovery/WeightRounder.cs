using Caliper.Execution;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Recovery;

/// <summary>
/// Rounds the weights of a linear layer so that their errors cancel in what the layer computes, instead of each being least by itself. Without
/// labels, training or random numbers.
/// </summary>
internal static class WeightRounder
{
    /// <summary>Of the mean of the diagonal, what is added to it, so that nothing is free.</summary>
    internal const double Dampening = 1e-4;

    /// <summary>
    /// Patches, in lengths of one, that speak against any two taps having to do with each other. A few patches of many taps, of one image
    /// even, agree by chance; weights that are fitted to that do worse on others.
    /// </summary>
    private const double Doubt = 4;

    /// <summary>Rounds.</summary>
    /// <param name="layer">A Conv, Gemm or MatMul.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="start">The scales to begin with, for int8 with zero points; per channel they may become others.</param>
    /// <param name="moments">Of its input.</param>
    /// <param name="options">What else is known of the layer.</param>
    /// <returns>Null where the moments do not fit the weights, or the integers are not int8.</returns>
    public static RoundedWeights? Round(
        Node layer, Tensor weights, QuantizationParameters start, LayerMoments moments, RoundingOptions options) =>
        Round(OutputAxis.Of(layer, weights.Shape), weights, start, moments, options);

    /// <summary>Rounds weights whose output channels lie along an axis.</summary>
    /// <inheritdoc cref="Round(Node, Tensor, QuantizationParameters, LayerMoments, RoundingOptions)"/>
    public static RoundedWeights? Round(
        int outputAxis, Tensor weights, QuantizationParameters start, LayerMoments moments, RoundingOptions options)
    {
        var outputs = (int)weights.Shape[outputAxis].Length;
        var fits = weights.Count == (long)outputs * moments.Taps && outputs % moments.Groups == 0
            && (start.Axis is null || start.Axis == outputAxis) && start.Type.Storage == ElementType.Int8 && !start.HasFloatZeroPoints;
        if (!fits) return null;
        var work = new Work(weights, Quantizer.Quantize(weights, start, QuantizationRule.PyTorch), start, moments,
            new WeightPlaces(outputs, moments.Taps, IsOutputFirst: outputAxis == 0));
        var integers = work.Nearest.Span<sbyte>().ToArray();
        var scales = start.Scales.ToArray();
        var (before, after) = (new double[outputs], new double[outputs]);
        var perGroup = outputs / moments.Groups;
        Threads.Each(moments.Groups, options.Threads, group =>
        {
            if (FormsOf(moments, group, options) is not { } forms) return;
            Threads.Each(perGroup, options.Threads, i =>
            {
                var output = group * perGroup + i;
                var (scale, error, nearestError) = work.Round(output, forms, options.LeastScales, integers);
                (before[output], after[output]) = (nearestError, error);
                if (start.Axis is not null) scales[output] = scale;
            });
        });
        var parameters = start.Axis is { } axis ? QuantizationParameters.PerChannel(start.Type, [.. scales], start.ZeroPoints, axis) : start;
        return new(Tensor.Of(weights.Shape, integers), parameters, [.. before], [.. after]);
    }

    private static QuadraticForm[]? FormsOf(LayerMoments moments, int group, RoundingOptions options)
    {
        var forms = new QuadraticForm[moments.Blocks.Length];
        for (var b = 0; b < forms.Length; b++)
        {
            var matrix = Shrunk(moments, group, b, options.IsMeanCorrected);
            var length = (int)Math.Sqrt(matrix.Length);
            var ridge = options.InputVariance + Dampening * Enumerable.Range(0, length).Average(i => matrix[i * length + i]);
            if (QuadraticForm.Of(matrix, ridge) is not { } form) return null;
            forms[b] = form;
        }
        return forms;
    }

    /// <summary>The mean products of the taps of a block, less sure of what varies together (O. Ledoit and M. Wolf, "A well-conditioned
    /// estimator for large-dimensional covariance matrices", 2004, with a weight that depends on the number of patches alone).</summary>
    /// <param name="moments">What was seen.</param>
    /// <param name="group">Of which group.</param>
    /// <param name="block">Of which block.</param>
    /// <param name="isMeanCorrected">Whether the mean counts for nothing.</param>
    internal static double[] Shrunk(LayerMoments moments, int group, int block, bool isMeanCorrected)
    {
        var matrix = moments.CovarianceOf(group, block);
        var length = (int)Math.Sqrt(matrix.Length);
        var share = moments.CountOf(group) / (moments.CountOf(group) + Doubt * length);
        for (var i = 0; i < matrix.Length; i++) if (i % (length + 1) != 0) matrix[i] *= share;
        if (isMeanCorrected) return matrix;
        var mean = moments.MeanOf(group).AsSpan(moments.Blocks[block]);
        for (var i = 0; i < matrix.Length; i++) matrix[i] += mean[i / length] * mean[i % length];
        return matrix;
    }

    /// <summary>The layer that is rounded, and what its weights are if each is rounded to nearest.</summary>
    private sealed record Work(Tensor Weights, Tensor Nearest, QuantizationParameters Start, LayerMoments Moments, WeightPlaces Places)
    {
        /// <summary>Writes the integers of one output channel; returns their scale, their error, and that of the nearest.</summary>
        public (float Scale, double Error, double NearestError) Round(int output, QuadraticForm[] forms, float[]? leastScales, sbyte[] integers)
        {
            var channel = Start.Axis is null ? 0 : output;
            var zeroPoint = Start.ZeroPoints[channel];
            double[][] weights = [.. forms.Select((f, b) => Places.Of(output, Moments.Blocks[b], f, k => (double)Weights.Span<float>()[k]))];
            int[][] nearest = [.. forms.Select((f, b) => Places.Of(output, Moments.Blocks[b], f, k => Nearest.Span<sbyte>()[k] - zeroPoint))];
            var rounding = new ChannelRounding(forms, weights, Start.Type.Min - zeroPoint, Start.Type.Max - zeroPoint);
            var (best, error) = rounding.Round(nearest, Start.Scales[channel], Start.Axis is null ? null : leastScales?[output]);
            for (var b = 0; b < forms.Length; b++)
            {
                var first = Moments.Blocks[b].Start.Value;
                for (var t = 0; t < forms[b].Length; t++)
                    integers[Places.Index(output, first + forms[b].Order[t])] = (sbyte)(best.Integers[b][t] + zeroPoint);
            }
            return (best.Scale, best.Error, error);
        }
    }
}
