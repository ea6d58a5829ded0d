using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;

namespace Caliper;

/// <summary>Which observer for activations and which for weights; PyTorch's <c>QConfig</c>.</summary>
/// <param name="Activation">Observer of what layers return.</param>
/// <param name="Weight">Observer of what layers multiply with.</param>
public sealed record QConfig(ObserverSpec Activation, ObserverSpec Weight)
{
    private static readonly ObserverSpec PerChannelWeight =
        ObserverSpec.PerChannelMinMax with { DType = ElementType.Int8, Scheme = QuantizationScheme.PerChannelSymmetric };

    private static readonly ObserverSpec PerTensorWeight =
        ObserverSpec.MinMax with { DType = ElementType.Int8, Scheme = QuantizationScheme.PerTensorSymmetric };

    /// <summary>
    /// Whether a linear layer whose result no int8 layer reads, the last one above all, squeezes it into 256 values too,
    /// as PyTorch does, and so do the layers after the last one. Otherwise its int32 sums become float directly, which is both cheaper and
    /// more exact, and what follows computes in float.
    /// </summary>
    public bool QuantizeOutputs { get; init; } = true;

    /// <summary>
    /// Whether functions whose bounds are known beforehand (Sigmoid, Softmax, HardSigmoid, Tanh) get a scale of bounds / 256 without being
    /// looked at, as PyTorch's fixed-qparams operators do. Otherwise they are observed as others are: a Softmax over hundreds of
    /// classes or tokens seldom comes near 1.
    /// </summary>
    public bool FixedRanges { get; init; } = true;

    /// <summary>
    /// Whether biases take back the shift of the mean that rounding the weights causes, as far as the activation's observer
    /// keeps the mean of each channel (<see cref="StatisticsObserver"/>). PyTorch does not.
    /// </summary>
    public bool CorrectBias { get; init; }

    /// <summary>Ours: activations in all of 0..255, the range of least saturation-weighted error; weights per channel in -127..127
    /// (scale = max / 127), which represents the greatest weight of either sign exactly. Scales go down to the least normal float, where
    /// PyTorch's end at 2⁻²³ and make zeros of a signal of 1e-6.</summary>
    public static QConfig Default { get; } =
        new(ObserverSpec.Statistics(new SqnrRange { SaturationWeight = 1.5 }) with { Eps = RangeRule.LeastScale },
            PerChannelWeight with { QuantMin = -127, QuantMax = 127, Eps = RangeRule.LeastScale })
        {
            QuantizeOutputs = false,
            FixedRanges = false,
            CorrectBias = true,
        };

    /// <summary>PyTorch's <c>default_qconfig</c>: minimum and maximum, activations in 0..127, weights per tensor.</summary>
    public static QConfig PyTorchDefault { get; } =
        new(ObserverSpec.MinMax with { QuantMin = 0, QuantMax = 127 }, PerTensorWeight);

    /// <summary>PyTorch's <c>get_default_qconfig("x86")</c>: histogram in 0..127, weights per channel.</summary>
    public static QConfig X86 { get; } = new(ObserverSpec.Histogram with { ReduceRange = true }, PerChannelWeight);

    /// <summary>PyTorch's <c>get_default_qconfig("fbgemm")</c>: the same as <see cref="X86"/>.</summary>
    public static QConfig Fbgemm { get; } = X86;

    /// <summary>PyTorch's <c>get_default_qconfig("qnnpack")</c>: histogram in 0..255, weights per tensor.</summary>
    public static QConfig Qnnpack { get; } = new(ObserverSpec.Histogram, PerTensorWeight);

    /// <summary>PyTorch's <c>get_default_qconfig("onednn")</c>: histogram in 0..255, weights per channel.</summary>
    public static QConfig Onednn { get; } = new(ObserverSpec.Histogram, PerChannelWeight);

    /// <summary>The presets by name: <c>caliper</c> is ours, <c>default</c> is PyTorch's <c>default_qconfig</c>.</summary>
    public static ImmutableArray<(string Name, QConfig QConfig)> Presets { get; } =

        [
            ("caliper", Default), ("default", PyTorchDefault),
            ("x86", X86), ("fbgemm", Fbgemm), ("qnnpack", Qnnpack), ("onednn", Onednn),
        ];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="CaliperException">There is none of that name.</exception>
    public static QConfig Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var preset in Presets) if (preset.Name == name) return preset.QConfig;
        throw new CaliperException(
            $"There is no qconfig '{name}'; choose one of {string.Join(", ", Presets.Select(p => p.Name))}."
            + Suggestion.For(name, Presets.Select(p => p.Name)));
    }

    /// <summary>The name of the preset that it equals (<c>x86</c> also for <c>fbgemm</c>), or the two observers.</summary>
    public override string ToString() =>
        Presets.FirstOrDefault(preset => preset.QConfig == this).Name ?? $"QConfig(activation={Activation}, weight={Weight})";
}
