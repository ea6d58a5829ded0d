namespace Caliper.Analysis;

/// <summary>What kind of error costs.</summary>
public enum ErrorKind
{
    /// <summary>Values lie beyond the range.</summary>
    Clipping,

    /// <summary>The range is much wider than the values, so that steps are wider than needed.</summary>
    WideRange,

    /// <summary>256 levels are few for this tensor; its range fits.</summary>
    Rounding,

    /// <summary>The weights' own rounding.</summary>
    Weights,

    /// <summary>One channel of the weights is so much greater than the rest that the shared scale leaves those few levels.</summary>
    OutlierChannel,

    /// <summary>Tensors of very different ranges are joined (Concat), share one scale, and leave the narrow ones few levels.</summary>
    SharedRange,

    /// <summary>The network is fed values that its input's range was not made for: preprocessing differs from calibration's.</summary>
    Input,
}

/// <summary>One place where int8 costs, and the smallest change that mends it.</summary>
/// <param name="Layer">The layer, or the graph input.</param>
/// <param name="Kind">What kind of error it is.</param>
/// <param name="NoiseShare">Its share of the noise at the network's first output, from 0 to 1: each source measured alone.</param>
/// <param name="Message">What is wrong, in one sentence.</param>
/// <param name="Fix">What to do.</param>
public sealed record Finding(string Layer, ErrorKind Kind, double NoiseShare, string Message, Fix Fix)
{
    /// <summary>Signal to noise at the first output as it is, on all data.</summary>
    public required double DecibelsNow { get; init; }

    /// <summary>The same with this mended: what was won on as many samples as it takes to know it within half a decibel.</summary>
    public required double DecibelsMended { get; init; }

    /// <summary>By how much the mean loss of those samples exceeds the float network's; null without labels.</summary>
    public double? LossNow { get; init; }

    /// <summary>The same with this mended, measured.</summary>
    public double? LossMended { get; init; }

    /// <summary>How many times as long a run takes with this mended, measured; null where it was not, or nothing stays float for it.</summary>
    public double? TimeRatio { get; init; }
}
