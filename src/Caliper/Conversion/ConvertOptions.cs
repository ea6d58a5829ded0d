using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Conversion;

/// <summary>How an int8 network is written down in ONNX.</summary>
public enum QuantizedFormat
{
    /// <summary>
    /// Float operators between DequantizeLinear and QuantizeLinear, which runtimes replace by integer ones: only standard
    /// operators, and every runtime reads it.
    /// </summary>
    Qdq,

    /// <summary>Integer operators by name: QLinearConv and the like, some of them ONNX Runtime's own.</summary>
    QOperator,
}

/// <summary>How a prepared model is converted.</summary>
public sealed record ConvertOptions
{
    /// <summary>How the int8 network is written down.</summary>
    public QuantizedFormat Format { get; init; } = QuantizedFormat.Qdq;

    /// <summary>Where 8 bits are too few; null for nowhere.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Layers whose observer never saw a value stay float, each with a diagnostic, instead of being an error.</summary>
    public bool AllowUnobserved { get; init; }

    /// <summary>What the layers' inputs were seen to be: weights are rounded so that their errors cancel in what is computed. Null to round
    /// each to the nearest integer.</summary>
    internal SecondMoments? Moments { get; init; }
}
