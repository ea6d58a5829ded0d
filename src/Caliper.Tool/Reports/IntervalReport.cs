using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>Values that what was counted fits, with 95 % confidence.</summary>
/// <param name="Lower">The least.</param>
/// <param name="Upper">The greatest.</param>
internal sealed record IntervalReport(double Lower, double Upper)
{
    /// <summary>Null where nothing was counted.</summary>
    public static IntervalReport? Of(ConfidenceInterval? interval) => interval is { } found ? new(found.Lower, found.Upper) : null;
}
