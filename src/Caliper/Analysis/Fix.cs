using System.Collections.Immutable;

namespace Caliper.Analysis;

/// <summary>The smallest change that mends a <see cref="Finding"/>.</summary>
/// <param name="Kind">What is to be changed.</param>
/// <param name="Layers">The layers that it changes; none where the data are to be changed.</param>
public sealed record Fix(FixKind Kind, ImmutableArray<string> Layers)
{
    /// <summary>The preset that the layers get; null where they get none.</summary>
    public string? QConfig => Kind is FixKind.Recalibrate or FixKind.PerChannelWeights ? "caliper" : null;

    /// <summary>Equal where the same is changed of the same layers.</summary>
    public bool Equals(Fix? other) => other is not null && Kind == other.Kind && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(Kind.GetHashCode(), HashCode.Combine);

    /// <summary>The change in a sentence.</summary>
    public override string ToString()
    {
        var layers = string.Join(", ", Layers.Select(l => $"'{l}'"));
        return Kind switch
        {
            FixKind.KeepFloat => $"Keep {layers} float",
            FixKind.Recalibrate => $"Give {layers} the qconfig '{QConfig}', and calibrate with data like this",
            FixKind.PerChannelWeights => $"Give {layers} the qconfig '{QConfig}', which gives each channel a scale of its own",
            _ => "Preprocess as at calibration (mean, std, scale, channels), or calibrate with data preprocessed like this",
        };
    }
}
