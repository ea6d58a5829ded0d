using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Which arguments go together: what PyTorch's constructors refuse is refused here, with a reason.</summary>
internal static class ObserverRules
{
    public static void Validate(this ObserverSpec spec)
    {
        if (spec.Kind is ObserverKind.Placeholder or ObserverKind.Noop or ObserverKind.Recording or ObserverKind.ReuseInput)
            return;
        ValidateRange(spec);
        ValidateScheme(spec);
        if (spec.Kind is ObserverKind.FixedQParams) ValidateFixed(spec);
        if (!(spec.Eps > 0) || !float.IsFinite(spec.Eps)) Refuse(spec, $"eps must be finite and above zero, not {spec.Eps}");
        if (!(spec.AveragingConstant is > 0 and <= 1))
            Refuse(spec, $"averaging_constant must be above 0 and at most 1, not {spec.AveragingConstant}");
        if (!(spec.Percentile is > 0 and <= 100))
            Refuse(spec, $"percentile must be above 0 and at most 100, not {spec.Percentile}");
        if (spec.Kind is ObserverKind.OnnxRuntimeEntropy or ObserverKind.OnnxRuntimePercentile && (spec.Bins % 2 != 0 || spec.Bins > 1 << 16))
            Refuse(spec, $"bins must be an even number of at most {1 << 16}, not {spec.Bins}");
        if (spec.Kind is ObserverKind.OnnxRuntimeEntropy && (spec.QuantizedBins < 2 || spec.QuantizedBins > spec.Bins || spec.Bins > 1 << 13))
            Refuse(spec,
                $"num_quantized_bins must be 2 to the number of bins, which must be at most {1 << 13}, not {spec.QuantizedBins} of {spec.Bins}");
        if (spec.Bins is < 2 or > 1 << 20) Refuse(spec, $"bins must be 2 to {1 << 20}, not {spec.Bins}");
    }

    private static void ValidateRange(ObserverSpec spec)
    {
        if (spec.QuantMin is null != spec.QuantMax is null)
            Refuse(spec, $"quant_min and quant_max are set together or not at all");
        if (spec.QuantMin > 0 || spec.QuantMax < 0)
            Refuse(spec, $"the range {spec.QuantMin}..{spec.QuantMax} must include 0");
        if (spec.Kind is ObserverKind.Histogram or ObserverKind.Statistics && spec.DType is ElementType.Int32)
            Refuse(spec, $"it chooses among 8-bit ranges, and qint32 needs no such choice; use MinMaxObserver");
        _ = spec.QuantizedType;
    }

    private static void ValidateScheme(ObserverSpec spec)
    {
        if (spec.Scheme.IsPerChannel() && !spec.IsPerChannel)
            Refuse(spec, $"with one range for the tensor, qscheme cannot be {spec.Scheme}; use a PerChannelMinMaxObserver");
        if (!spec.Scheme.IsPerChannel() && spec.IsPerChannel)
            Refuse(spec, $"with a range for each channel, qscheme cannot be {spec.Scheme}; use a MinMaxObserver");
        if (spec.ReduceRange && spec.Scheme.IsSymmetric() && spec.DType is ElementType.UInt8)
            Refuse(spec, $"reduce_range does not go with a symmetric quint8, whose zero point is 128; use quant_min and quant_max");
    }

    private static void ValidateFixed(ObserverSpec spec)
    {
        if (spec.Scale is not { } scale || spec.ZeroPoint is not { } zeroPoint)
            Refuse(spec, $"scale and zero_point must be given");
        else _ = QuantizationParameters.PerTensor(spec.QuantizedType, scale, zeroPoint);
    }

    private static void Refuse(ObserverSpec spec, FormattableString reason) =>
        throw new CaliperException($"{spec.Kind}Observer: {FormattableString.Invariant(reason)}.");
}
