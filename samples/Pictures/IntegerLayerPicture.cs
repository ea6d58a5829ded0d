using Pictures.Plotting;

namespace Pictures;

/// <summary>One output of an int8 layer, from the integers it reads to the integer it gives.</summary>
internal static class IntegerLayerPicture
{
    private const string Layer = "features.2.conv.0.0", Input = "features.1.conv.2", Output = "features.2.conv.0.2";
    private const int Image = 0;

    public static Drawing Draw(GlyphSample sample)
    {
        var o = OneOutput.Of(sample, Image, Layer, Input, Output);
        var n = o.X.Length;
        var drawing = new Drawing(420, "A layer in integers",
            $"An output of {Layer}: {n} products of uint8 inputs and int8 weights and the bias add up to the int32 "
            + $"{Figures.Count(o.Accumulator)}; times {Figures.Real(o.Multiplier)}, "
            + $"rounded, it is the uint8 {o.Y}, which means {Figures.Real(o.Scale * (o.Y - o.ZeroPoint), 3)}. "
            + $"In float it is {Figures.Real(o.Float, 3)}.");
        drawing.Text(20, 30, $"One output of {Layer}, a 1×1 convolution of {n} channels", "bold");
        var columns = new Axis(0, n, 112, 684);
        Row(drawing, columns, 58, "q_x", "uint8", o.X, "panel");
        Row(drawing, columns, 96, $"q_x − {o.InputZeroPoint}", "zero point off", [.. o.X.Select(x => x - o.InputZeroPoint)], null);
        Row(drawing, columns, 134, "q_w", "int8", o.W, "panel");
        Row(drawing, columns, 172, "product", "int32", [.. o.X.Zip(o.W, (x, w) => (x - o.InputZeroPoint) * w)], null, "tiny");
        drawing.Shape([(columns.Start, 190), (columns.End, 190), (106, 226), (86, 226)], "panel");
        drawing.Text(398, 204, "add up", "small middle muted");

        Box(drawing, 20, 228, 152, "sum of products", Figures.Count(o.Sum), "int32, exact", "panel");
        Box(drawing, 196, 228, 152, "+ bias q_b", Figures.Count(o.Bias), $"int32, scale s_x·s_w", "panel");
        Box(drawing, 372, 228, 152, "acc", Figures.Count(o.Accumulator), "int32, exact", "bars");
        Box(drawing, 548, 228, 132, "acc · m", Figures.Real(o.Accumulator * o.Multiplier), $"m = {Figures.Real(o.Multiplier)}", "panel");
        foreach (var x in new[] { 172, 348, 524 }) drawing.Arrow(x + 2, 262, x + 23, 262, "muted");
        drawing.Arrow(614, 298, 614, 320, "muted");
        Box(drawing, 548, 322, 132, $"round({Figures.Real(o.Accumulator * o.Multiplier)}) + {o.ZeroPoint}", Figures.Count(o.Y), "q_y, uint8", "bars");
        drawing.Arrow(546, 356, 520, 356, "muted");
        var (aboveZero, meant) = (Figures.Count(o.Y - o.ZeroPoint), Figures.Real(o.Scale * (o.Y - o.ZeroPoint)));
        drawing.Text(512, 350, $"means s_y · (q_y − {o.ZeroPoint}) = {Figures.Real(o.Scale)} · {aboveZero} = {meant}", "end green bold");
        drawing.Text(512, 370, $"the float network has {Figures.Real(o.Float)} there; its inputs are not rounded", "small end muted");
        drawing.Text(20, 404, $"m = s_x · s_w / s_y = {Figures.Real(o.InputScale)} · {Figures.Real(o.WeightScale)} / {Figures.Real(o.Scale)}",
            "small muted");
        return drawing;
    }

    private static void Row(Drawing drawing, Axis columns, double y, string name, string kind, int[] values, string? style, string size = "small")
    {
        drawing.Text(20, y + 4, name, "code");
        drawing.Text(20, y + 18, kind, "small muted");
        for (var i = 0; i < values.Length; i++)
        {
            var (left, right) = (columns.At(i), columns.At(i + 1));
            if (style is not null) drawing.Rectangle(left + 1, y - 13, right - left - 2, 28, style, 3);
            drawing.Text((left + right) / 2, y + 5, Figures.Real(values[i], 6), size + " middle");
        }
    }

    private static void Box(Drawing drawing, double x, double y, double width, string name, string value, string note, string style)
    {
        drawing.Rectangle(x, y, width, 68, style + " faint-line", 6);
        drawing.Text(x + width / 2, y + 19, name, "small middle");
        drawing.Text(x + width / 2, y + 41, value, "large middle bold");
        drawing.Text(x + width / 2, y + 58, note, style == "bars" ? "small middle" : "small middle muted");
    }
}
