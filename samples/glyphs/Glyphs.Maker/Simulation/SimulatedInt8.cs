using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Training;

namespace Glyphs.Simulation;

/// <summary>
/// What int8 would do to the network, found by rounding weights and activations to their grids and going on in float.
/// It is here to steer the training; Caliper proper quantizes for real.
/// </summary>
internal static class SimulatedInt8
{
    /// <summary>Acc@1 in percent on <paramref name="test"/>, with ranges from <paramref name="calibration"/>.</summary>
    public static double Accuracy(GlyphNetwork network, GlyphSet calibration, GlyphSet test, QuantizationRecipe recipe)
    {
        var simulated = BatchNormFolding.Fold(network);
        var ranges = Ranges(simulated, calibration);
        foreach (var block in simulated.ConvolutionBlocks) RoundWeights(block.Convolution, recipe);
        RoundWeights(simulated.Classifier.Matrix, recipe);
        var site = 0;
        simulated.Tap = activation => RoundActivation(activation.Values, ranges[site++ % ranges.Count], recipe);
        return Training.Accuracy.Of(simulated, test);
    }

    /// <summary>The least and the greatest value seen at each place, 0 included.</summary>
    private static List<(float Min, float Max)> Ranges(GlyphNetwork network, GlyphSet calibration)
    {
        var ranges = new List<(float Min, float Max)>();
        var site = 0;
        network.Tap = activation =>
        {
            if (site == ranges.Count) ranges.Add((0, 0));
            var (min, max) = ranges[site];
            ranges[site++] = (Math.Min(min, activation.Values.Min()), Math.Max(max, activation.Values.Max()));
        };
        Training.Accuracy.ForEachBatch(network, calibration, (_, _) => site = 0);
        network.Tap = null;
        return ranges;
    }

    private static void RoundActivation(float[] values, (float Min, float Max) range, QuantizationRecipe recipe)
    {
        var scale = Math.Max(range.Max - range.Min, 1e-8f) / recipe.ActivationLevels;
        var zeroPoint = MathF.Round(-range.Min / scale);
        foreach (ref var value in values.AsSpan())
            value = (Math.Clamp(MathF.Round(value / scale) + zeroPoint, 0, recipe.ActivationLevels) - zeroPoint) * scale;
    }

    /// <summary>Symmetric, −128 to 127. The weights of channel c lie at c, c + channels, c + 2·channels …</summary>
    private static void RoundWeights(Convolution convolution, QuantizationRecipe recipe)
    {
        var (weights, channels) = (convolution.Weight.Values, convolution.OutputChannels);
        var greatest = new float[channels];
        for (var i = 0; i < weights.Length; i++) greatest[i % channels] = Math.Max(greatest[i % channels], MathF.Abs(weights[i]));
        if (!recipe.WeightsPerChannel) Array.Fill(greatest, greatest.Max());
        for (var i = 0; i < weights.Length; i++)
        {
            var scale = Math.Max(greatest[i % channels], 1e-12f) / 127.5f;
            weights[i] = Math.Clamp(MathF.Round(weights[i] / scale), -128, 127) * scale;
        }
    }
}
