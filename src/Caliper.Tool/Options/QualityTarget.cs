using Caliper.Evaluation;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Options;

/// <summary>What quality is measured by.</summary>
internal enum QualityKind
{
    /// <summary>Signal-to-noise ratio at the worst output, in dB.</summary>
    Sqnr,

    /// <summary>Share of samples of the same class, in percent.</summary>
    Agreement,

    /// <summary>What happens to Acc@1, in percentage points: 0 or less.</summary>
    Accuracy,

    /// <summary>The least cosine between the outputs for a sample.</summary>
    Cosine,

    /// <summary>Intersection over union of what is marked, at the worst output.</summary>
    Iou,

    /// <summary>What a program of the user's own prints; more is better.</summary>
    Metric,
}

/// <summary>The quality that int8 is to keep.</summary>
/// <param name="Kind">What it is measured by.</param>
/// <param name="Least">What is enough.</param>
internal sealed record QualityTarget(QualityKind Kind, double Least)
{
    /// <summary>What <c>--target</c> takes.</summary>
    public const string Words =
        "decibels, such as 25, or one of 'sqnr 25', 'agreement 99', 'accuracy -0.3', 'cosine 0.999', 'iou 0.95', 'metric N' with --metric";

    /// <summary>Reads the words of a person; null where they make no sense.</summary>
    public static QualityTarget? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var name = words.Length == 1 ? nameof(QualityKind.Sqnr) : words.Length == 2 ? words[0] : "";
        if (!Enum.GetNames<QualityKind>().Contains(name, StringComparer.OrdinalIgnoreCase)) return null;
        var kind = Enum.Parse<QualityKind>(name, ignoreCase: true);
        return Values.TryNumber(words[^1], out var least) && IsPossible(kind, least) ? new(kind, least) : null;
    }

    /// <summary>What a comparison came to, in the same unit.</summary>
    /// <exception cref="CaliperException">The network or the data have no such quality.</exception>
    public double Of(ComparisonResult result) => Kind switch
    {
        QualityKind.Agreement => result.Agreement ?? throw Missing("no output holds class scores"),
        QualityKind.Accuracy => -(result.Acc1Drop ?? throw Missing("the data have no labels, or no output holds class scores")),
        QualityKind.Cosine => Worst(result, o => o.LeastCosine) ?? throw Missing("the outputs are zero for every sample"),
        QualityKind.Iou => Worst(result, o => o.Overlap) ?? throw Missing("no output marks anything by shares between 0 and 1"),
        _ => Worst(result, o => o.Decibels) ?? throw Missing("no output is float"),
    };

    /// <summary>The qualities that what was counted fits with 95 % confidence; null where quality is no count of samples.</summary>
    public ConfidenceInterval? IntervalOf(ComparisonResult result) => Kind switch
    {
        QualityKind.Agreement => result.AgreementInterval,
        QualityKind.Accuracy when result.AccuracyChange is { Interval: var lost } => new(-lost.Upper, -lost.Lower),
        _ => null,
    };

    /// <summary>A quality for people.</summary>
    public string Tell(double quality) => Kind switch
    {
        QualityKind.Sqnr => Numbers.Decibels(quality),
        QualityKind.Agreement => $"agreement {Numbers.Fixed(quality, 2)} %",
        QualityKind.Accuracy => $"accuracy {Numbers.Signed(quality, 2)} points",
        QualityKind.Cosine => $"cosine {Numbers.Fixed(quality, 5)}",
        QualityKind.Metric => $"metric {Numbers.Brief(quality)}",
        _ => $"IoU {Numbers.Fixed(quality, 4)}",
    };

    private static bool IsPossible(QualityKind kind, double least) => kind switch
    {
        QualityKind.Sqnr => least > 0,
        QualityKind.Agreement => least is > 0 and <= 100,
        QualityKind.Accuracy => least is <= 0 and > -100,
        QualityKind.Metric => double.IsFinite(least),
        _ => least is > 0 and <= 1,
    };

    private static double? Worst(ComparisonResult result, Func<OutputSqnr, double?> of) => result.Sqnr.Select(of).Min();

    private CaliperException Missing(string why) => new($"--target asks for {Kind.ToString().ToLowerInvariant()}, and {why}.");
}
