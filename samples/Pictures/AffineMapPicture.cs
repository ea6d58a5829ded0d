using Caliper.Numerics;
using Pictures.Plotting;

namespace Pictures;

/// <summary>The real axis, the integer axis under it, and a cut so narrow that the steps are visible.</summary>
internal static class AffineMapPicture
{
    private const double RealY = 62, IntegerY = 138, CutTop = 232, CutBottom = 318;

    public static Drawing Draw(GlyphSample sample)
    {
        var observer = sample.Observer(GlyphSample.TailedLayer);
        var p = observer.CalculateQParams();
        var (min, max) = (observer.Mins[0], observer.Maxs[0]);
        var drawing = new Drawing(372, "The affine map",
            $"Values of the layer {GlyphSample.TailedLayer} were seen from {Figures.Real(min)} to {Figures.Real(max)}. "
            + $"The range {Figures.Real(p.RangeMin)} to {Figures.Real(p.RangeMax)} is laid on the integers 0 to 255; "
            + $"a step is {Figures.Real(p.Scale)}, and real 0 is exactly the integer {p.ZeroPoint}.");
        var axis = new Axis(min - 0.4, max + 0.4, 40, 660);
        DrawRealAxis(drawing, axis, p, min, max);
        DrawIntegerAxis(drawing, axis, p, min, max);
        DrawCut(drawing, axis, p, sample);
        return drawing;
    }

    private static void DrawRealAxis(Drawing drawing, Axis axis, QuantizationParameters p, float min, float max)
    {
        drawing.Text(20, 28, "real", "bold");
        drawing.Text(56, 28, $"what {GlyphSample.TailedLayer} gives: {Figures.Real(min, 3)} to {Figures.Real(max, 3)}", "muted");
        drawing.Line(axis.At(min), RealY, axis.At(max), RealY, "red-line thick");
        drawing.Line(axis.At(p.RangeMin), RealY, axis.At(p.RangeMax), RealY, "blue-line thick");
        foreach (var tick in axis.Ticks(9))
        {
            drawing.Line(axis.At(tick), RealY - 6, axis.At(tick), RealY, "muted-line");
            drawing.Text(axis.At(tick), RealY - 10, Figures.Real(tick), "small middle muted");
        }
    }

    private static void DrawIntegerAxis(Drawing drawing, Axis axis, QuantizationParameters p, float min, float max)
    {
        var (left, right, zero) = (axis.At(p.RangeMin), axis.At(p.RangeMax), axis.At(0));
        foreach (var x in new[] { left, right }) drawing.Arrow(x, RealY + 4, x, IntegerY - 9, "blue");
        drawing.Arrow(zero, RealY + 4, zero, IntegerY - 9, "green");
        drawing.Arrow(axis.At(min), RealY + 4, left - 3, IntegerY - 8, "red");
        drawing.Arrow(axis.At(max), RealY + 4, right + 3, IntegerY - 8, "red");
        drawing.Text(right + 34, IntegerY - 20, "clipped", "small red");
        drawing.Text(left - 34, IntegerY - 20, "clipped", "small end red");
        drawing.Text((left + zero) / 2, 98, "q = round(real / scale)", "middle code");
        drawing.Text((left + zero) / 2, 116, "      + zero_point    ", "middle code");
        drawing.Text((zero + right) / 2, 107, $"scale = {Figures.Real(p.Scale)}", "middle code");
        // Every integer is a mark: too close to tell apart, as in truth.
        for (var q = p.Type.Min; q <= p.Type.Max; q++)
        {
            var x = axis.At(p.Scale * (q - p.ZeroPoint));
            drawing.Line(x, IntegerY - 6, x, IntegerY, "bars-line");
        }
        drawing.Line(left, IntegerY, right, IntegerY, "blue-line thick");
        drawing.Text(20, IntegerY + 5, "integer", "bold");
        foreach (var (x, q, style) in new[] { (left, p.Type.Min, "blue"), (zero, p.ZeroPoint, "green"), (right, p.Type.Max, "blue") })
            drawing.Text(x, IntegerY + 20, Figures.Count(q), $"middle bold {style}");
        drawing.Text(zero + 22, IntegerY + 20, "= zero_point", "small green");
    }

    private static void DrawCut(Drawing drawing, Axis axis, QuantizationParameters p, GlyphSample sample)
    {
        const int below = 3, above = 4;
        var cut = new Axis(-(below + 0.5) * p.Scale, (above + 0.5) * p.Scale, 50, 650);
        drawing.Shape(
            [(axis.At(cut.Min), IntegerY + 28), (axis.At(cut.Max), IntegerY + 28), (cut.End, CutTop - 26), (cut.Start, CutTop - 26)], "panel");
        drawing.Text(350, CutTop - 34, "magnified around 0", "small middle muted");
        var half = (cut.At(p.Scale) - cut.At(0)) / 2;
        for (var step = -below; step <= above; step++)
        {
            var (x, isZero) = (cut.At(step * p.Scale), step == 0);
            drawing.Rectangle(x - half + 1.5, CutTop, 2 * half - 3, CutBottom - CutTop, "panel", 4);
            drawing.Line(x, CutTop - 8, x, CutTop, isZero ? "green-line" : "muted-line");
            drawing.Text(x, CutTop - 13, Figures.Real(step * p.Scale, 3), "small middle " + (isZero ? "green bold" : "muted"));
            drawing.Text(x, CutBottom - 12, Figures.Count(p.ZeroPoint + step), "middle large bold " + (isZero ? "green" : "blue"));
        }
        drawing.Line(cut.Start, CutTop, cut.End, CutTop, "ink-line");
        foreach (var value in Examples(sample, p, below, above))
        {
            var integer = new byte[1];
            Quantizer.Quantize([value], integer, p);
            var (from, to) = (cut.At(value), cut.At(p.Scale * (integer[0] - p.ZeroPoint)));
            drawing.Dot(from, CutTop, 3.5, "orange");
            drawing.Arrow(from, CutTop + 4, to, CutBottom - 28, "orange");
        }
        drawing.Text(350, CutBottom + 22,
            $"Every real value becomes the integer of the box it falls in: an error of half a step ({Figures.Real(p.Scale / 2, 3)}) at most.",
            "middle small");
        drawing.Text(350, CutBottom + 40, "Orange: values of the first image. Real 0 is in the middle of its box, so it has no error at all.",
            "middle small muted");
    }

    /// <summary>Values that the layer gave, one for every second box.</summary>
    private static IEnumerable<float> Examples(GlyphSample sample, QuantizationParameters p, int below, int above)
    {
        var values = sample.Record(GlyphSample.TailedLayer)[0].Span<float>().ToArray();
        return new[] { -below, -1, 1, above - 1 }.Select(step => values.First(v => Math.Abs(v / p.Scale - step) is > 0.2f and < 0.45f));
    }
}
