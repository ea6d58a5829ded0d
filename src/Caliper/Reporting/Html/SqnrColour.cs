namespace Caliper.Reporting.Html;

/// <summary>The colours of the model map: classes of the style sheet, so that light, dark and print each have their own.</summary>
internal static class SqnrColour
{
    /// <summary>Steps of the scale with their class, the worst first.</summary>
    public static readonly (string Class, string Label)[] Legend =
        [("q0", "< 10"), ("q1", "10–20"), ("q2", "20–30"), ("q3", "30–40"), ("q4", "≥ 40"), ("q5", "exact")];

    /// <summary>The class of a figure.</summary>
    public static string Of(double? decibels) => decibels switch
    {
        null or double.NaN => "qn",
        < 10 => "q0",
        < 20 => "q1",
        < 30 => "q2",
        < 40 => "q3",
        double.PositiveInfinity => "q5",
        _ => "q4",
    };
}
