using Caliper.Search;

namespace Caliper.Tool.Reports;

/// <summary>What a search for tensors that need more than 8 bits measured.</summary>
internal sealed record SearchReport
{
    /// <summary>The point that was chosen.</summary>
    public required SearchPoint Chosen { get; init; }

    /// <summary>How many tensors have their channels divided.</summary>
    public required int Equalized { get; init; }

    /// <summary>Of how many tensors products read the widest channels as several.</summary>
    public required int Split { get; init; }

    /// <summary>All points, from 8 bits everywhere on.</summary>
    public required SearchPoint[] Points { get; init; }

    /// <summary>The report of a search; null where nothing was measured.</summary>
    public static SearchReport? Of(SearchResult? result) => result is not { Candidates.IsEmpty: false } ? null
        : new()
        {
            Chosen = SearchPoint.Of(result.Chosen),
            Equalized = result.Recipe.Equalization.Exponents.Count,
            Split = result.Recipe.Equalization.Splits.Count,
            Points = [.. result.Candidates.Select(c => SearchPoint.Of(c.Step))],
        };
}

/// <summary>A point between quality and work.</summary>
/// <param name="SqnrDecibels">At the worst output, on calibration data; null for no noise at all.</param>
/// <param name="Places">How many tensors have more than 8 bits.</param>
/// <param name="WideShare">Share of multiply-adds that read more than 8 bits, 0..1.</param>
/// <param name="FloatShare">Share of multiply-adds with float weights, 0..1.</param>
/// <param name="AddedWork">By how much the work grows, as a share of all in 8 bits; an estimate.</param>
internal sealed record SearchPoint(double? SqnrDecibels, int Places, double WideShare, double FloatShare, double AddedWork)
{
    /// <summary>A step of a search.</summary>
    public static SearchPoint Of(SearchStep step) => new(double.IsFinite(step.Decibels) ? step.Decibels : null,
        step.Places, step.WideShare, step.FloatShare, step.AddedWork);
}
