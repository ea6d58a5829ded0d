namespace Caliper.Observers;

/// <summary>The observers there are; each is PyTorch's class of the same name with <c>Observer</c> at its end.</summary>
public enum ObserverKind
{
    /// <summary>The least and greatest value of all batches.</summary>
    MinMax,

    /// <summary>A moving average of each batch's least and greatest value.</summary>
    MovingAverageMinMax,

    /// <summary>The least and greatest value of all batches, channel by channel.</summary>
    PerChannelMinMax,

    /// <summary>A moving average of each batch's least and greatest value, channel by channel.</summary>
    MovingAveragePerChannelMinMax,

    /// <summary>A histogram, and a search for the range that loses least.</summary>
    Histogram,

    /// <summary>Statistics that do not depend on order, and any of the range methods.</summary>
    Statistics,

    /// <summary>ONNX Runtime's entropy calibrator.</summary>
    OnnxRuntimeEntropy,

    /// <summary>ONNX Runtime's percentile calibrator.</summary>
    OnnxRuntimePercentile,

    /// <summary>Parameters that are known beforehand.</summary>
    FixedQParams,

    /// <summary>Looks at nothing; carries its arguments to conversion.</summary>
    Placeholder,

    /// <summary>Keeps every tensor, for debugging.</summary>
    Recording,

    /// <summary>Looks at nothing.</summary>
    Noop,

    /// <summary>Uses the observer of the tensor that the operator reads.</summary>
    ReuseInput,
}
