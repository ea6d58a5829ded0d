using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>How well one model does; what was not measured is left out.</summary>
/// <param name="Acc1">Top-1 accuracy in percent.</param>
/// <param name="Acc5">Top-5 accuracy in percent.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
internal sealed record AccuracyReport(double? Acc1, double? Acc5, double? Loss)
{
    /// <summary>Null where nothing was measured.</summary>
    public static AccuracyReport? Of(EvaluationResult result) =>
        result is { Acc1: null, Acc5: null, Loss: null }
            ? null : new AccuracyReport(result.Acc1, result.Acc5, Finite(result.Loss));

    /// <summary>JSON has no infinity.</summary>
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
