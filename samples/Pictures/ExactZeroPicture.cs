using Pictures.Plotting;

namespace Pictures;

/// <summary>The grid of the network's input with zero between two levels and with zero on one, and what the first makes of padding.</summary>
internal static class ExactZeroPicture
{
    private const string First = "features.0.0";

    public static Drawing Draw(GlyphSample sample)
    {
        var observer = sample.Observer("input");
        var p = observer.CalculateQParams();
        var (min, max) = ((double)observer.Mins[0], (double)observer.Maxs[0]);
        // The grid as it would be if the range were cut into 255 steps and nothing else.
        var step = (max - min) / p.Type.Max;
        var nearest = min + Math.Round(-min / step, MidpointRounding.ToEven) * step;
        var shifts = PaddingShifts(sample, nearest);
        var outputStep = sample.Observer(First).CalculateQParams().Scale;
        var worst = shifts.MaxBy(Math.Abs);

        var drawing = new Drawing(456, "Why zero must be exact",
            $"The input's range {Figures.Real(min)} to {Figures.Real(max)} in 255 equal steps has no level at 0: "
            + $"zero comes back as {Figures.Real(nearest, 3)}. With the whole "
            + $"number {p.ZeroPoint} as zero point, 0 is a level. Without it, padding alone would shift the first layer's channels by up to "
            + $"{Figures.Fixed(Math.Abs(worst) / outputStep, 1)} steps at each corner of each image.");
        var axis = new Axis(-3 * step, 3 * step, 60, 640);
        drawing.Text(20, 30,
            $"Network input, {Figures.Real(min)} to {Figures.Real(max)}, cut into 255 equal steps: 0 lies between two levels", "bold");
        DrawGrid(drawing, axis, 70, step, min - Math.Round(min / step) * step);
        drawing.Dot(axis.At(0), 70, 4, "red");
        drawing.Text(axis.At(0), 58, "0", "middle bold red");
        drawing.Arrow(axis.At(0), 80, axis.At(nearest), 80, "red");
        drawing.Text(axis.At(nearest) + 8, 104, $"comes back as {Figures.Real(nearest, 3)}", "small red");

        drawing.Text(20, 146, $"With the whole number {p.ZeroPoint} as zero_point: 0 is a level", "bold");
        DrawGrid(drawing, axis, 186, p.Scale, 0);
        drawing.Dot(axis.At(0), 186, 5, "green");
        drawing.Text(axis.At(0), 174, "0", "middle bold green");
        drawing.Text(axis.At(0), 220, $"comes back as 0; the range is then {Figures.Real(p.RangeMin)} to {Figures.Real(p.RangeMax)}",
            "small middle green");

        DrawPadding(drawing);
        DrawShifts(drawing, [.. shifts.Select(s => s / outputStep)], outputStep);
        return drawing;
    }

    private static void DrawGrid(Drawing drawing, Axis axis, double y, double step, double first)
    {
        drawing.Line(axis.Start, y, axis.End, y, "muted-line");
        for (var level = first - 4 * step; level <= axis.Max; level += step)
        {
            if (level < axis.Min) continue;
            drawing.Line(axis.At(level), y - 8, axis.At(level), y + 8, "blue-line thick");
            if (Math.Abs(level) > step / 4) drawing.Text(axis.At(level), y - 14, Figures.Real(level, 3), "small middle muted");
        }
    }

    /// <summary>The first convolution at the image's top left corner.</summary>
    private static void DrawPadding(Drawing drawing)
    {
        const double left = 40, top = 282, cell = 30;
        drawing.Text(20, 256, "A 3×3 filter at a corner", "bold");
        for (var row = 0; row < 4; row++)
        {
            for (var column = 0; column < 4; column++)
            {
                var isPadding = row == 0 || column == 0;
                drawing.Rectangle(left + column * cell + 1, top + row * cell + 1, cell - 2, cell - 2, isPadding ? "panel" : "bars", 3);
                if (isPadding) drawing.Text(left + (column + 0.5) * cell, top + (row + 0.5) * cell + 4, "0", "small middle muted");
            }
        }
        drawing.Rectangle(left, top, 3 * cell, 3 * cell, "open ink-line");
        drawing.Text(20, top + 4 * cell + 22, "5 of 9 pixels are padding.", "small");
        drawing.Text(20, top + 4 * cell + 38, "What it adds must be 0.", "small");
    }

    private static void DrawShifts(Drawing drawing, double[] steps, double outputStep)
    {
        drawing.Text(230, 256, $"What padding adds there to each of {steps.Length} channels", "bold");
        var limit = steps.Max(Math.Abs) * 1.1;
        var vertical = new Axis(-limit, limit, 420, 272);
        var horizontal = new Axis(-0.5, steps.Length - 0.5, 262, 676);
        foreach (var tick in vertical.Ticks(5))
        {
            drawing.Line(horizontal.Start, vertical.At(tick), horizontal.End, vertical.At(tick),
                Math.Abs(tick) < 1e-9 ? "green-line thick" : "faint-line");
            drawing.Text(horizontal.Start - 8, vertical.At(tick) + 4, Figures.Real(tick), "small end muted");
        }
        for (var channel = 0; channel < steps.Length; channel++)
        {
            var (zero, end) = (vertical.At(0), vertical.At(steps[channel]));
            drawing.Rectangle(horizontal.At(channel) - 6, Math.Min(zero, end), 12, Math.Abs(zero - end), "red");
        }
        drawing.Text(horizontal.Start, 440, $"in steps of the output ({Figures.Real(outputStep, 3)})", "small muted");
        drawing.Text(horizontal.End - 110, 440, "zero between levels", "small end red");
        drawing.Text(horizontal.End, 440, "exact zero: none", "small end green");
    }

    /// <summary>What five padded pixels of three colours add to each channel if each of them comes back as some value.</summary>
    private static double[] PaddingShifts(GlyphSample sample, double padding)
    {
        var weights = sample.Constants(First).Weight;
        var values = weights.Span<float>();
        var shifts = new double[(int)weights.Shape[0].Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = (i % 9 / 3, i % 3);
            if (row == 0 || column == 0) shifts[i / (values.Length / shifts.Length)] += padding * values[i];
        }
        return shifts;
    }
}
