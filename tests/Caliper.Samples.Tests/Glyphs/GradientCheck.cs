using Glyphs.Layers;
using Glyphs.Rendering;

namespace Caliper.Samples.Tests.Glyphs;

/// <summary>Compares a layer's gradients with differences of its outputs.</summary>
internal static class GradientCheck
{
    /// <summary>A share of the layer's greatest gradient. Single precision leaves about a tenth of it.</summary>
    private const double Tolerance = 0.01;

    /// <summary>Checks the parameters' gradients and, where asked for, the input's, for a loss that weighs all outputs.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Its input; disturbed, and put back.</param>
    /// <param name="ofInput">Whether the layer has a gradient of its input.</param>
    /// <param name="step">Small where there are kinks, which it must not cross; else large, as sums have rounding errors.</param>
    public static void Check(Layer layer, Activation input, bool ofInput = true, float step = 1e-2f)
    {
        var random = new SeededRandom(5);
        var outputs = layer.Forward(input, training: true);
        var weights = new float[outputs.Values.Length];
        foreach (ref var weight in weights.AsSpan()) weight = random.Gaussian();
        weights.CopyTo(outputs.Gradient.AsSpan());
        layer.Backward();

        double Loss()
        {
            var values = layer.Forward(input, training: true).Values;
            double sum = 0;
            for (var i = 0; i < values.Length; i++) sum += (double)weights[i] * values[i];
            return sum;
        }

        var checks = layer.Parameters.Select(p => (p.Values, Gradient: p.Gradient.ToArray())).ToList();
        if (ofInput) checks.Add((input.Values, input.Gradient.ToArray()));
        var tolerance = Tolerance * checks.Max(check => check.Gradient.Max(MathF.Abs));
        foreach (var (values, gradient) in checks) Compare(values, gradient, Loss, step, tolerance);
    }

    /// <summary>An input of normal numbers.</summary>
    public static Activation Random(int images, int size, int channels)
    {
        var random = new SeededRandom(7);
        var activation = new Activation(images, size, size, channels);
        foreach (ref var value in activation.Values.AsSpan()) value = random.Gaussian();
        return activation;
    }

    /// <summary>Fills parameters with normal numbers around their present values.</summary>
    public static T Disturbed<T>(T layer) where T : Layer
    {
        var random = new SeededRandom(9);
        foreach (var parameter in layer.Parameters)
            foreach (ref var value in parameter.Values.AsSpan()) value += 0.5f * random.Gaussian();
        return layer;
    }

    private static void Compare(float[] values, float[] gradient, Func<double> loss, float step, double tolerance)
    {
        Assert.Contains(gradient, g => g != 0);
        for (var i = 0; i < values.Length; i += 1 + values.Length / 60)
        {
            var value = values[i];
            values[i] = value + step;
            var above = loss();
            values[i] = value - step;
            var below = loss();
            values[i] = value;
            Assert.Equal((above - below) / (2 * step), gradient[i], tolerance);
        }
    }
}
