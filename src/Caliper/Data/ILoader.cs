namespace Caliper.Data;

/// <summary>
/// Data in batches, that knows how much there is, so that progress can be shown. Enumerating it again starts over and
/// gives the same batches in the same order; only the last may be smaller than the first. Enumerating throws
/// <see cref="CaliperException"/> where data turns out to be damaged. Where a size is not needed, any
/// <see cref="IEnumerable{T}"/> of batches will do.
/// </summary>
public interface ILoader : IEnumerable<Batch>
{
    /// <summary>Number of samples in all.</summary>
    int SampleCount { get; }

    /// <summary>Number of batches in all.</summary>
    int BatchCount { get; }

    /// <summary>Whether every batch has labels.</summary>
    bool HasLabels { get; }

    /// <summary>The names of all samples, in the order of the batches, without reading them.</summary>
    IEnumerable<string> SampleNames { get; }

    /// <summary>Samples that were read so far and may not be what a network saw in training, by name; none where that cannot be.</summary>
    IEnumerable<Diagnostic> Diagnostics => [];
}
