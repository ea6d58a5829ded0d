using Caliper.Evaluation;

namespace Caliper.Analysis;

/// <summary>How far <see cref="LayerComparison"/> goes.</summary>
public sealed record LayerComparisonOptions
{
    /// <summary>How many batches to run, from the first; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>On how many samples, evenly spaced over the data, each int8 tensor is measured alone; 0 for none, and no findings then. Null for
    /// one in 64, at least 4 and at most 32. Data whose length is not known gives its first samples.</summary>
    public int? SensitivitySamples { get; init; }

    /// <summary>After this time no further sample is measured so; the first always is. Then as long again for what mending gives: a finding that
    /// is not sure by then is left out. Null for no limit.</summary>
    public TimeSpan? SensitivityBudget { get; init; }

    /// <summary>Whether fixes that keep layers float are timed, on one thread: <see cref="Finding.TimeRatio"/>. No two runs' are alike.</summary>
    public bool MeasuresTime { get; init; }

    /// <summary>The clock of <see cref="SensitivityBudget"/> and <see cref="MeasuresTime"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The loss by which layers are judged beside their noise, where the data has labels; null for none.</summary>
    public ICriterion? Criterion { get; init; }
}
