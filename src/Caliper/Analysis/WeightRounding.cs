using Caliper.Analysis.Matching;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>The error of a layer's weights, channel by channel.</summary>
internal static class WeightRounding
{
    /// <summary>Compares the int8 weights with the float ones.</summary>
    public static WeightError Of(Int8Weight weight, Graph reference, Layer layer)
    {
        var floats = reference.Constant(weight.Initializer)!;
        var rounded = Quantizer.Dequantize(weight.Integers, weight.Parameters);
        var axis = weight.Parameters.Axis ?? OutputAxis.Of(layer.Operation, floats.Shape);
        var channels = (int)floats.Shape[axis].Length;
        var inner = 1;
        for (var i = axis + 1; i < floats.Shape.Rank; i++) inner *= (int)floats.Shape[i].Length;
        var (signal, noise, magnitude) = (new double[channels], new double[channels], new float[channels]);
        var x = floats.Span<float>();
        var y = rounded.Span<float>();
        for (var i = 0; i < x.Length; i++)
        {
            var channel = i / inner % channels;
            signal[channel] += (double)x[i] * x[i];
            noise[channel] += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
            magnitude[channel] = MathF.Max(magnitude[channel], MathF.Abs(x[i]));
        }
        return new WeightError(weight.Layer, weight.Parameters, Decibels.Of(signal.Sum(), noise.Sum()),
            [.. signal.Zip(noise, Decibels.Of)], [.. magnitude]);
    }
}
