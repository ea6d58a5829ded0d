namespace Pictures.Plotting;

/// <summary>Maps values to places on the paper along one direction.</summary>
/// <param name="Min">Value at <paramref name="Start"/>.</param>
/// <param name="Max">Value at <paramref name="End"/>.</param>
/// <param name="Start">Where it starts; below <paramref name="End"/> for a horizontal axis, above it for a vertical one.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct Axis(double Min, double Max, double Start, double End)
{
    /// <summary>The place of a value.</summary>
    public double At(double value) => Start + (value - Min) / (Max - Min) * (End - Start);

    /// <summary>Multiples of 1, 2 or 5 times a power of ten on the axis, about as many as wanted at most.</summary>
    public IEnumerable<double> Ticks(int wanted)
    {
        var least = (Max - Min) / wanted;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var step = power * (least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        for (var i = Math.Ceiling(Min / step); i * step <= Max; i++) yield return i * step;
    }

    /// <summary>Draws it horizontally, with ticks and their values below.</summary>
    public void DrawBelow(Drawing drawing, double y, int wanted)
    {
        drawing.Line(Start, y, End, y, "muted-line");
        foreach (var tick in Ticks(wanted))
        {
            drawing.Line(At(tick), y, At(tick), y + 5, "muted-line");
            drawing.Text(At(tick), y + 18, Figures.Real(tick), "small middle muted");
        }
    }
}
