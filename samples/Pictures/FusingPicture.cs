using Caliper.Graphs;
using Pictures.Plotting;

namespace Pictures;

/// <summary>Convolution, batch norm and ReLU6 of one channel, before and after they become one layer.</summary>
internal static class FusingPicture
{
    private const string Convolution = "features.0.0", Norm = "features.0.1", Activation = "features.0.2";
    private const int Image = 0;

    public static Drawing Draw(GlyphSample sample)
    {
        var graph = sample.Model.Model.Graph;
        var norm = graph.ProducerOf(Norm)!;
        var values = sample.FloatValues(Image, Convolution, Norm, Activation);
        var pixel = PixelWithPositiveSum(values[1]);
        var plane = (int)(values[1].Shape[2].Length * values[1].Shape[3].Length);
        var channel = pixel / plane;
        float Constant(int input) => graph.Constant(norm.Inputs[input])!.Span<float>()[channel];
        var (gamma, beta, mean) = (Constant(1), Constant(2), Constant(3));
        var deviation = Math.Sqrt(Constant(4) + norm.Float("epsilon", 1e-5f));
        var before = graph.Constant(graph.ProducerOf(Convolution)!.Inputs[1])!;
        var (after, bias) = sample.Constants(Convolution);
        var first = channel * (before.Count / (int)before.Shape[0].Length);
        var (w, fused) = (before.Span<float>()[first], after.Span<float>()[first]);

        var drawing = new Drawing(394, "Fusing",
            $"In channel {channel} of {Convolution} the batch norm multiplies by {Figures.Real(gamma / deviation)}. "
            + $"So do the weights of the fused layer: {Figures.Real(w)} becomes {Figures.Real(fused)}. "
            + "Three layers become one, with one observer after it.");
        drawing.Text(20, 30, $"Before: three layers, here channel {channel} of {Convolution}", "bold");
        Box(drawing, 20, 50, 168, "Conv2d", [$"w = {Figures.Real(w)}, …", "b = 0"], "panel");
        Box(drawing, 244, 50, 212, "BatchNorm2d",
            [$"γ = {Figures.Real(gamma)}, β = {Figures.Real(beta)}", $"μ = {Figures.Real(mean)}, s = {Figures.Real(deviation)}"], "panel");
        Box(drawing, 512, 50, 168, "ReLU6", ["min(max(x, 0), 6)"], "panel");
        drawing.Text(350, 145, "s = √(σ² + ε)", "small middle muted");
        DrawWay(drawing, values, pixel);

        drawing.Arrow(350, 150, 350, 184, "blue");
        drawing.Text(362, 172, "Fuse", "bold blue");

        drawing.Text(20, 210, "After: one layer that gives the same numbers", "bold");
        Box(drawing, 120, 226, 460, "ConvReLU2d", [
            $"w′ = w · γ / s = {Figures.Real(w)} · {Figures.Real(gamma)} / {Figures.Real(deviation)} = {Figures.Real(fused)}, …",
            $"b′ = (b − μ) · γ / s + β = {Figures.Real(bias.Span<float>()[channel])}"], "bars");
        drawing.Arrow(580, 266, 640, 266, "muted");
        drawing.Text(610, 258, Figures.Real(FusedValue(sample, pixel)), "small middle orange bold");
        DrawObserver(drawing, sample);
        return drawing;
    }

    /// <summary>What one pixel is after each of the three layers.</summary>
    private static void DrawWay(Drawing drawing, Tensor[] values, int pixel)
    {
        drawing.Arrow(188, 90, 244, 90, "muted");
        drawing.Arrow(456, 90, 512, 90, "muted");
        foreach (var (x, value) in new[] { (214.0, values[0]), (482, values[1]), (596, values[2]) })
            drawing.Text(x, x > 500 ? 152 : 82, Figures.Real(value.Span<float>()[pixel]), "small middle orange bold");
        drawing.Text(596, 166, "one pixel's value, on its way", "small middle orange");
    }

    private static void DrawObserver(Drawing drawing, GlyphSample sample)
    {
        var p = sample.Observer(Convolution).CalculateQParams();
        drawing.Dot(654, 266, 13, "green-line open");
        drawing.Dot(654, 266, 5, "green");
        drawing.Text(680, 324, "one observer, after the ReLU6", "small end green");
        drawing.Text(20, 350,
            $"It sees no negative value, so zero_point = {p.ZeroPoint}, "
                + $"and all 256 integers serve {Figures.Real(p.RangeMin)} to {Figures.Real(p.RangeMax, 3)}.");
        drawing.Text(20, 370, "In int8 the clamp at 0 then is the ReLU: it costs nothing.");
    }

    private static void Box(Drawing drawing, double x, double y, double width, string name, string[] lines, string style)
    {
        drawing.Rectangle(x, y, width, 80, style + " faint-line", 6);
        drawing.Text(x + width / 2, y + 24, name, "middle bold");
        foreach (var (i, line) in lines.Index()) drawing.Text(x + width / 2, y + 46 + 18 * i, line, "small middle");
    }

    /// <summary>The first pixel that the ReLU6 lets through, away from the border.</summary>
    private static int PixelWithPositiveSum(Tensor sums)
    {
        var values = sums.Span<float>();
        var width = (int)sums.Shape[3].Length;
        for (var i = width + 1; i < values.Length; i++)
        {
            if (values[i] is > 0.5f and < 6) return i;
        }
        throw new InvalidOperationException("No pixel is between 0.5 and 6.");
    }

    private static float FusedValue(GlyphSample sample, int pixel) => sample.FusedValues(Image, Activation)[0].Span<float>()[pixel];
}
