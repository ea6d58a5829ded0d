namespace Caliper.Evaluation;

/// <summary>What changes from one model to another on the same labelled samples: not only by how much accuracy differs, but whether that can be
/// told from chance.</summary>
/// <param name="Samples">Samples that both models answered, 1 or more.</param>
/// <param name="Lost">Samples that only the reference gets right.</param>
/// <param name="Gained">Samples that only the candidate gets right.</param>
public sealed record AccuracyChange(int Samples, int Lost, int Gained)
{
    /// <summary>A loss, in percentage points, that most people would care for.</summary>
    public const double UsualLoss = 0.5;

    private const double Significant = 0.05;

    /// <summary>Percentage points of top-1 accuracy lost, negative for a gain.</summary>
    public double Points => 100.0 * (Lost - Gained) / Samples;

    /// <summary>The losses that fit these samples with 95 % confidence, in percentage points: Tango's score interval (Statistics in Medicine 17,
    /// 1998). Also without any change it is no point: few samples cannot show that nothing is lost.</summary>
    public ConfidenceInterval Interval => PairedDifference.Interval(Samples, Lost, Gained).Times(100);

    /// <summary>The exact two-sided p value of McNemar's test, by the binomial distribution: how often chance alone makes the changes so uneven, or
    /// more; 1 where nothing changes.</summary>
    public double PValue => PairedDifference.McNemar(Lost, Gained);

    /// <summary>Whether accuracy differs beyond chance: the p value is below 0.05, and the interval leaves 0 out.</summary>
    public bool IsTold => PValue < Significant && !Interval.Contains(0);

    /// <summary>About how many samples tell a loss from none, four times of five, where as many answers change as here. Where none does,
    /// as many as then still might.</summary>
    /// <param name="points">The loss in percentage points, more than 0 and at most 100.</param>
    public double SamplesToTell(double points)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, 100);
        var changing = Lost + Gained == 0 ? ConfidenceInterval.OfShare(0, Samples).Upper : (double)(Lost + Gained) / Samples;
        return PairedDifference.SamplesFor(points / 100, changing);
    }

    /// <summary>What the samples tell, in two sentences.</summary>
    /// <param name="points">The loss, in percentage points, that somebody wants to be told of.</param>
    public string Tell(double points = UsualLoss)
    {
        var (least, most) = (Interval.Lower, Interval.Upper);
        var test = "McNemar's exact " + (PValue < 0.0001 ? "p < 0.0001" : Text($"p = {PValue:G2}"));
        var counts = Text($"Of {Samples:N0} samples {Lost:N0} {(Lost == 1 ? "is" : "are")} right only before, {Gained:N0} only after");
        if (IsTold)
        {
            var (small, large) = (Math.Min(Math.Abs(least), Math.Abs(most)), Math.Max(Math.Abs(least), Math.Abs(most)));
            return Text($"{counts}: accuracy {(Points > 0 ? "falls" : "rises")} by {Math.Abs(Points):F2} points, {small:F2} to ")
                + Text($"{large:F2} with 95 % confidence ({test}).");
        }
        return Text($"{counts}: that fits anything from {Name(least)} to {Name(most)} (95 % confidence; {test}), so that these samples cannot ")
            + "tell whether accuracy changes. " + (most <= points ? Text($"A loss of more than {points:0.##} points does not fit.")
                : Text($"To tell a loss of {points:0.##} points, about {Rounded(SamplesToTell(points)):N0} are needed."));
    }

    /// <summary>What <see cref="Tell"/> says of <see cref="UsualLoss"/>.</summary>
    public override string ToString() => Tell();

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static string Name(double loss) => Text($"a {(loss < 0 ? "gain" : "loss")} of {Math.Abs(loss):F2} points");

    /// <summary>Two digits: the formula is about what might be, and more would promise precision.</summary>
    private static double Rounded(double value)
    {
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(value)) - 1));
        return Math.Ceiling(value / unit) * unit;
    }
}
