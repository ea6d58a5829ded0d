namespace Caliper.Numerics;

/// <summary>
/// The two ways in use to divide by a scale. They differ only where a value lies on, or within a float's last bit of, the
/// middle between two integers: about one value in a million of random data.
/// </summary>
public enum QuantizationRule
{
    /// <summary><c>round_half_even(x / scale) + zero_point</c>: the ONNX standard's <c>QuantizeLinear</c>, and ours.</summary>
    Onnx,

    /// <summary><c>round_half_even(x · (1 / scale)) + zero_point</c>, the reciprocal rounded to float first: PyTorch's.</summary>
    PyTorch,
}
