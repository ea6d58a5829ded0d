using Caliper.Evaluation;

namespace Caliper.Analysis;

/// <summary>How far <see cref="LayerComparison"/> goes.</summary>
public sealed record LayerComparisonOptions
{
    /// <summary>How many batches to run, from the first; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>On how many samples, from the first, each int8 tensor is measured alone; 0 for none, and no findings then.</summary>
    public int SensitivitySamples { get; init; } = 4;

    /// <summary>After this time no further sample is measured so; the first always is. Null for no limit.</summary>
    public TimeSpan? SensitivityBudget { get; init; }

    /// <summary>The loss by which layers are judged beside their noise, where the data has labels; null for none.</summary>
    public ICriterion? Criterion { get; init; }
}
