namespace Caliper.Numerics;

/// <summary>How real numbers map to integers; PyTorch's <c>qscheme</c>.</summary>
public enum QuantizationScheme
{
    /// <summary>One scale and zero point for the tensor; the range covers what was seen, and zero.</summary>
    PerTensorAffine,

    /// <summary>One scale for the tensor; the range is symmetric about zero.</summary>
    PerTensorSymmetric,

    /// <summary>A scale and a zero point for each index along one axis.</summary>
    PerChannelAffine,

    /// <summary>A scale for each index along one axis; the ranges are symmetric about zero.</summary>
    PerChannelSymmetric,

    /// <summary>As <see cref="PerChannelAffine"/>, with zero points that are real numbers (embedding tables).</summary>
    PerChannelAffineFloatQParams,
}

/// <summary>Questions about a scheme.</summary>
public static class QuantizationSchemes
{
    /// <summary>Whether each index along an axis has its own parameters.</summary>
    public static bool IsPerChannel(this QuantizationScheme scheme) => scheme >= QuantizationScheme.PerChannelAffine;

    /// <summary>Whether the real range is symmetric about zero.</summary>
    public static bool IsSymmetric(this QuantizationScheme scheme) =>
        scheme is QuantizationScheme.PerTensorSymmetric or QuantizationScheme.PerChannelSymmetric;
}
