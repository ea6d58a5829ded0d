using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>What int8 does to one activation, over all samples. Decibels are <c>10·log10(Σ float² / Σ (float − int8)²)</c>; infinite
/// where nothing differs.</summary>
/// <param name="Layer">The layer that makes the tensor, or the graph input's name.</param>
/// <param name="Value">Its name in the float network.</param>
/// <param name="Parameters">Its scale and zero point.</param>
public sealed record TensorError(string Layer, string Value, QuantizationParameters Parameters)
{
    /// <summary>Least float value.</summary>
    public required float Min { get; init; }

    /// <summary>Greatest float value.</summary>
    public required float Max { get; init; }

    /// <summary>Float values that were looked at.</summary>
    public required long Values { get; init; }

    /// <summary>Float values below the range.</summary>
    public required long Below { get; init; }

    /// <summary>Float values above the range.</summary>
    public required long Above { get; init; }

    /// <summary>How many float values fall to each level, from the lowest; those beyond the range to the first and the last.</summary>
    public required ImmutableArray<long> Levels { get; init; }

    /// <summary>Error of writing the float values in this scale and zero point, nothing else.</summary>
    public required double RoundingDecibels { get; init; }

    /// <summary>Sum of the squares of that error.</summary>
    public required double RoundingNoise { get; init; }

    /// <summary>Which part of that sum comes from values beyond the range, from 0 to 1.</summary>
    public required double ClippingNoise { get; init; }

    /// <summary>This layer's own error: its int8 form fed with the float network's values. Null for an input of the graph.</summary>
    public double? LocalDecibels { get; init; }

    /// <summary>The error as deployed: all layers before it are int8 too.</summary>
    public required double AccumulatedDecibels { get; init; }

    /// <summary>Cosine between the float values and the deployed ones.</summary>
    public required double Cosine { get; init; }

    /// <summary>Greatest difference as deployed.</summary>
    public required float MaxError { get; init; }

    /// <summary>Signal to noise at the network's first output if this tensor alone were int8.</summary>
    public double? OutputDecibels { get; init; }

    /// <summary>By how much the mean loss rises if this tensor alone were int8; null without labels.</summary>
    public double? LossChange { get; init; }

    /// <summary>Share of values beyond the range, from 0 to 1.</summary>
    public double ClippedShare => Values == 0 ? 0 : (double)(Below + Above) / Values;

    /// <summary>Share of the levels that the float values reach, from 0 to 1.</summary>
    public double LevelsUsed => Levels.Length == 0 ? 0 : (double)Levels.Count(l => l > 0) / Levels.Length;
}
