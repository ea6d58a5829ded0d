using Caliper.Graphs;
using Caliper.Numerics;

namespace Pictures;

/// <summary>One output of a 1×1 convolution in the int8 network, with all numbers that it is made of.</summary>
internal sealed record OneOutput(
    int[] X, int[] W, int Bias, int Sum, int InputZeroPoint, float InputScale, float WeightScale, float Scale, int ZeroPoint, int Y, float Float)
{
    public int Accumulator => Sum + Bias;

    public float Multiplier => Requantization.Multiplier(InputScale, WeightScale, Scale);

    /// <summary>The first output that is neither clipped nor small, away from the border.</summary>
    /// <exception cref="InvalidOperationException">What the int8 network gives is not what these numbers give.</exception>
    public static OneOutput Of(GlyphSample sample, int image, string layer, string input, string output)
    {
        var graph = sample.Quantized.Model.Graph;
        Tensor Constant(string name) => graph.Constant(name) ?? throw new InvalidOperationException($"The int8 network has no constant '{name}'.");
        var values = sample.Int8Values(image, input + "_quantized", output + "_quantized");
        var x = values[0].Span<byte>();
        var y = values[1].Span<byte>();
        var w = Constant(layer + ".weight_quantized").Span<sbyte>();
        var biases = Constant(layer + ".bias_quantized").Span<int>();
        var weightScales = Constant(layer + ".weight_scale").Span<float>();
        var (plane, inputs) = ((int)(values[0].Shape[2].Length * values[0].Shape[3].Length), (int)values[0].Shape[1].Length);
        var at = plane / 2;
        while (y[at] is < 60 or > 200) at++;
        var (channel, pixel) = (at / plane, at % plane);
        var one = new OneOutput(new int[inputs], new int[inputs], biases[channel], 0, Constant(input + "_zero_point").Span<byte>()[0],
            Constant(input + "_scale").Span<float>()[0], weightScales[channel], Constant(output + "_scale").Span<float>()[0],
            Constant(output + "_zero_point").Span<byte>()[0], y[at], sample.FloatValues(image, output)[0].Span<float>()[at]);
        for (var i = 0; i < inputs; i++) (one.X[i], one.W[i]) = (x[i * plane + pixel], w[channel * inputs + i]);
        one = one with { Sum = one.X.Zip(one.W, (q, v) => (q - one.InputZeroPoint) * v).Sum() };
        var expected = Requantization.Requantize(one.Accumulator, one.Multiplier, one.ZeroPoint, QuantizedType.QUInt8);
        return expected == one.Y ? one : throw new InvalidOperationException($"The int8 network gives {one.Y} and not {expected}.");
    }
}
