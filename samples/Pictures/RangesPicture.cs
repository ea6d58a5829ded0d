using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Pictures.Plotting;

namespace Pictures;

/// <summary>One layer's values, and the ranges that different observers make of them.</summary>
internal static class RangesPicture
{
    private const double Top = 46, Floor = 176, Left = 262, Right = 516;

    private static readonly (string Name, string Keeps, ObserverSpec Spec)[] Rivals =
    [
        ("min/max", "keeps 2 numbers", ObserverSpec.MinMax),
        ("moving average", "2 numbers, mostly of the first batch", ObserverSpec.MovingAverageMinMax),
        ("histogram (PyTorch)", "2,048 counts; least squared error", ObserverSpec.Histogram),
        ("entropy (TensorRT)", "counts; keeps the shape", ObserverSpec.Statistics(RangeMethod.Entropy)),
        ("sqnr(1.5), the default", "counts; what is cut off weighs 1.5", ObserverSpec.Statistics(RangeMethod.Parse("sqnr(1.5)"))),
        ("mse", "counts; least squared error", ObserverSpec.Statistics(RangeMethod.Mse)),
    ];

    public static Drawing Draw(GlyphSample sample)
    {
        var batches = sample.Record(GlyphSample.TailedLayer);
        float[] values = [.. batches.SelectMany(b => b.Span<float>().ToArray())];
        var results = Rivals.Select(r => ResultOf(r.Spec, batches, values)).ToArray();
        var best = results.Max(r => r.Decibels);
        var drawing = new Drawing(Floor + 66 + 42 * Rivals.Length, "The range that each observer chooses",
            $"A histogram of {Figures.Count(values.Length)} values of {GlyphSample.TailedLayer}, and under it the ranges of six observers: "
            + string.Join("; ", Rivals.Zip(results, (r, x) =>
                $"{r.Name} {Figures.Real(x.Min, 3)} to {Figures.Real(x.Max, 3)}, {Figures.Fixed(x.Decibels, 1)} dB")) + ".");
        var axis = new Axis(values.Min() - 0.3, values.Max() + 0.3, Left, Right);
        DrawHistogram(drawing, axis, values);
        drawing.Text(616, Floor + 24, "SQNR", "small end muted");
        drawing.Text(686, Floor + 24, "clipped", "small end muted");
        foreach (var (i, (rival, result)) in Rivals.Zip(results).Index())
        {
            var (y, colour) = (Floor + 56 + 42 * i, result.Decibels == best ? "green" : "blue");
            drawing.Line(20, y - 22, 686, y - 22, "faint-line");
            drawing.Text(20, y - 2, rival.Name, "bold");
            drawing.Text(20, y + 13, rival.Keeps, "small muted");
            drawing.Rectangle(axis.At(result.Min), y - 5, axis.At(result.Max) - axis.At(result.Min), 10, colour, 3);
            drawing.Text(axis.At(result.Min) - 5, y + 4, Figures.Fixed(result.Min, 2), "small end muted");
            drawing.Text(axis.At(result.Max) + 5, y + 4, Figures.Fixed(result.Max, 2), "small muted");
            drawing.Text(616, y + 4, Figures.Fixed(result.Decibels, 2) + " dB", "end bold " + (colour == "green" ? "green" : ""));
            drawing.Text(686, y + 4, result.Clipped == 0 ? "none" : Figures.Fixed(100 * result.Clipped, 4) + " %", "end");
        }
        drawing.Text(20, Floor + 54 + 42 * Rivals.Length,
            "SQNR: signal to noise when these values are rounded and clipped; 6 dB are one bit.", "small muted");
        return drawing;
    }

    private static void DrawHistogram(Drawing drawing, Axis axis, float[] values)
    {
        var counts = new int[(int)(axis.End - axis.Start) / 2];
        var bins = new Axis(axis.Min, axis.Max, 0, counts.Length);
        foreach (var value in values) counts[(int)bins.At(value)]++;
        var height = new Axis(0, Math.Log10(1 + counts.Max()), Floor, Top);
        drawing.Text(20, 30, $"{GlyphSample.TailedLayer}: {Figures.Count(values.Length)} values of 720 images", "bold");
        for (var power = 1; Math.Pow(10, power) < counts.Max(); power++)
        {
            var y = height.At(Math.Log10(1 + Math.Pow(10, power)));
            drawing.Line(axis.Start, y, axis.End, y, "faint-line");
            drawing.Text(axis.Start - 8, y + 4, Figures.Count((long)Math.Pow(10, power)), "small end muted");
        }
        drawing.Text(20, (Top + Floor) / 2, "values a bar, log scale", "small muted");
        for (var i = 0; i < counts.Length; i++)
        {
            var y = height.At(Math.Log10(1 + counts[i]));
            if (counts[i] > 0) drawing.Rectangle(axis.Start + 2 * i, y, 2, Floor - y, "bars");
        }
        axis.DrawBelow(drawing, Floor, 10);
    }

    private static (double Min, double Max, double Decibels, double Clipped) ResultOf(
        ObserverSpec spec, IReadOnlyList<Tensor> batches, float[] values)
    {
        var observer = spec.Create();
        foreach (var batch in batches) observer.Observe(batch);
        var p = observer.CalculateQParams();
        var rounded = new float[values.Length];
        Quantizer.FakeQuantize(values, rounded, p);
        double signal = 0, noise = 0, clipped = 0;
        for (var i = 0; i < values.Length; i++)
        {
            signal += (double)values[i] * values[i];
            noise += ((double)values[i] - rounded[i]) * ((double)values[i] - rounded[i]);
            // Half a step beyond the last level is rounding still.
            if (values[i] < p.RangeMin - p.Scale / 2 || values[i] > p.RangeMax + p.Scale / 2) clipped++;
        }
        return (p.RangeMin, p.RangeMax, 10 * Math.Log10(signal / noise), clipped / values.Length);
    }
}
