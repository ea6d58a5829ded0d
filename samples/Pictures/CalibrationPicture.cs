using Pictures.Plotting;

namespace Pictures;

/// <summary>What one observer has seen and proposes after each batch that is evaluated.</summary>
internal static class CalibrationPicture
{
    public static Drawing Draw(GlyphSample sample)
    {
        var (path, batches) = (sample.Path, sample.Record(GlyphSample.TailedLayer));
        var own = batches.Select(b => (Min: b.Span<float>().ToArray().Min(), Max: b.Span<float>().ToArray().Max())).ToArray();
        var (first, last) = (path[0], path[^1]);
        var drawing = new Drawing(438, "Evaluating calibrates",
            $"While {path.Count} batches are evaluated, the observer of {GlyphSample.TailedLayer} widens what it has seen "
            + $"from {Figures.Real(first.Min, 3)}…{Figures.Real(first.Max, 3)} "
            + $"to {Figures.Real(last.Min, 3)}…{Figures.Real(last.Max, 3)}; "
            + $"the scale it proposes goes from {Figures.Real(first.Scale, 3)} to {Figures.Real(last.Scale, 3)} and settles.");
        var time = new Axis(0.5, path.Count + 0.5, 64, 546);
        DrawRanges(drawing, time, path, own);
        DrawScale(drawing, time, path);
        return drawing;
    }

    private static void DrawRanges(Drawing drawing, Axis time, List<Step> path, (float Min, float Max)[] own)
    {
        var limit = Math.Max(path[^1].Max, -path[^1].Min) * 1.06;
        var real = new Axis(-limit, limit, 262, 48);
        drawing.Text(20, 30, $"{GlyphSample.TailedLayer}: what its observer has seen, and the range it proposes", "bold");
        foreach (var tick in real.Ticks(7))
        {
            drawing.Line(time.Start, real.At(tick), time.End, real.At(tick), "faint-line");
            drawing.Text(time.Start - 8, real.At(tick) + 4, Figures.Real(tick), "small end muted");
        }
        drawing.Shape([.. Stairs(time, real, path, s => s.RangeMax), .. Stairs(time, real, path, s => s.RangeMin).Reverse()], "bars");
        foreach (var (i, (min, max)) in own.Index()) drawing.Line(time.At(i + 1), real.At(min), time.At(i + 1), real.At(max), "muted-line");
        drawing.Shape(Stairs(time, real, path, s => s.Max), "blue-line thick open", isClosed: false);
        drawing.Shape(Stairs(time, real, path, s => s.Min), "blue-line thick open", isClosed: false);
        drawing.Text(556, real.At(path[^1].Max) + 4, $"max {Figures.Fixed(path[^1].Max, 2)}", "small blue bold");
        drawing.Text(556, real.At(path[^1].Min) + 4, $"min {Figures.Fixed(path[^1].Min, 2)}", "small blue bold");
        drawing.Text(556, real.At(0) - 12, "filled: proposed", "small");
        drawing.Text(556, real.At(0) + 4, $"{Figures.Fixed(path[^1].RangeMin, 2)} … {Figures.Fixed(path[^1].RangeMax, 2)}", "small");
        drawing.Text(556, real.At(0) + 26, "grey: this batch alone", "small muted");
    }

    private static void DrawScale(Drawing drawing, Axis time, List<Step> path)
    {
        var (least, most) = (path.Min(s => s.Scale), path.Max(s => s.Scale));
        var margin = (most - least) * 0.15;
        var scale = new Axis(least - margin, most + margin, 376, 302);
        drawing.Text(20, 290, "The scale it proposes", "bold");
        foreach (var tick in scale.Ticks(4))
        {
            drawing.Line(time.Start, scale.At(tick), time.End, scale.At(tick), "faint-line");
            drawing.Text(time.Start - 8, scale.At(tick) + 4, Figures.Real(tick, 3), "small end muted");
        }
        drawing.Shape(path.Select((s, i) => (time.At(i + 1), scale.At(s.Scale))), "orange-line thick open", isClosed: false);
        foreach (var (i, step) in path.Index()) drawing.Dot(time.At(i + 1), scale.At(step.Scale), 3.5, "orange");
        drawing.Text(556, scale.At(path[^1].Scale) + 4, Figures.Real(path[^1].Scale), "small orange bold");
        time.DrawBelow(drawing, 380, 10);
        drawing.Text(20, 422, "Batches evaluated, 32 images each. Every forward pass is a look at one batch more; nothing else happens.",
            "small muted");
    }

    /// <summary>A line that keeps its height for the width of a batch.</summary>
    private static IEnumerable<(double X, double Y)> Stairs(Axis time, Axis real, List<Step> path, Func<Step, float> height) =>
        path.SelectMany((step, i) =>
            new[] { (time.At(i + 0.5), real.At(height(step))), (time.At(i + 1.5), real.At(height(step))) });
}
