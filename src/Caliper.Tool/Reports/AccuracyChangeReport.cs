using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>Whether a difference of Acc@1 can be told from chance.</summary>
/// <param name="Samples">Samples that both models answered.</param>
/// <param name="Lost">Samples that only the float model gets right.</param>
/// <param name="Gained">Samples that only the int8 model gets right.</param>
/// <param name="Points">Percentage points lost, negative for a gain.</param>
/// <param name="Lower">The least loss that fits, in percentage points, with 95 % confidence: Tango's score interval.</param>
/// <param name="Upper">The greatest loss that fits.</param>
/// <param name="PValue">McNemar's exact test, two-sided.</param>
/// <param name="IsTold">Whether accuracy differs beyond chance.</param>
/// <param name="SamplesToTell">About how many samples tell the loss that the gate allows, or half a point, four times of five.</param>
internal sealed record AccuracyChangeReport(
    int Samples, int Lost, int Gained, double Points, double Lower, double Upper, double PValue, bool IsTold, double SamplesToTell)
{
    /// <summary>Null where accuracy was not measured.</summary>
    /// <param name="result">What was measured.</param>
    /// <param name="maxDrop">The loss that somebody allows; null for nobody.</param>
    public static AccuracyChangeReport? Of(ComparisonResult? result, double? maxDrop = null) => result?.AccuracyChange is not { } change ? null
        : new(change.Samples, change.Lost, change.Gained, change.Points, change.Interval.Lower, change.Interval.Upper, change.PValue, change.IsTold,
            change.SamplesToTell(Loss(maxDrop)));

    /// <summary>The same in words; null where accuracy was not measured.</summary>
    public static string? Tell(ComparisonResult? result, double? maxDrop = null) =>
        result?.AccuracyChange is { } change ? "Acc@1: " + change.Tell(Loss(maxDrop)) : null;

    private static double Loss(double? maxDrop) => maxDrop is > 0 and <= 100 ? maxDrop.Value : AccuracyChange.UsualLoss;
}
