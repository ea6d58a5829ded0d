using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Which arguments go together: what PyTorch's constructors refuse is refused here, with a reason. These rules hold for every
/// observer that has a range; what is an observer's own stands beside it.</summary>
internal static class ObserverRules
{
    public static void Check(ObserverSpec spec)
    {
        CheckRange(spec);
        CheckScheme(spec);
        if (!(spec.Eps > 0) || !float.IsFinite(spec.Eps)) throw spec.Wrong($"eps must be finite and above zero, not {spec.Eps}");
    }

    /// <summary>Refuses what is too wide for a histogram to choose from.</summary>
    public static void RefuseInt32(ObserverSpec spec)
    {
        if (spec.DType is ElementType.Int32)
            throw spec.Wrong($"it chooses among 8-bit ranges, and qint32 needs no such choice; use MinMaxObserver");
    }

    /// <summary>Refuses numbers of bins that are no histogram, or that would outgrow memory.</summary>
    public static void CheckBins(ObserverSpec spec, int bins)
    {
        if (bins is < 2 or > 1 << 20) throw spec.Wrong($"bins must be 2 to {1 << 20}, not {bins}");
    }

    /// <summary>Refuses what is no weight of a moving average.</summary>
    public static void CheckAveraging(ObserverSpec spec, float constant)
    {
        if (!(constant is > 0 and <= 1)) throw spec.Wrong($"averaging_constant must be above 0 and at most 1, not {constant}");
    }

    private static void CheckRange(ObserverSpec spec)
    {
        if (spec.QuantMin is null != spec.QuantMax is null) throw spec.Wrong($"quant_min and quant_max are set together or not at all");
        if (spec.QuantMin > 0 || spec.QuantMax < 0) throw spec.Wrong($"the range {spec.QuantMin}..{spec.QuantMax} must include 0");
        _ = spec.QuantizedType;
    }

    private static void CheckScheme(ObserverSpec spec)
    {
        if (spec.Scheme.IsPerChannel() && !spec.IsPerChannel)
            throw spec.Wrong($"with one range for the tensor, qscheme cannot be {spec.Scheme}; use a PerChannelMinMaxObserver");
        if (!spec.Scheme.IsPerChannel() && spec.IsPerChannel)
            throw spec.Wrong($"with a range for each channel, qscheme cannot be {spec.Scheme}; use a MinMaxObserver");
        if (spec.ReduceRange && spec.Scheme.IsSymmetric() && spec.DType is ElementType.UInt8)
            throw spec.Wrong($"reduce_range does not go with a symmetric quint8, whose zero point is 128; use quant_min and quant_max");
    }
}
