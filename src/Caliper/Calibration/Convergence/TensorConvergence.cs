using Caliper.Numerics;

namespace Caliper.Calibration.Convergence;

/// <summary>How settled one tensor's range is, judged by two halves of the data: what one half would have chosen, against
/// what all of it chooses.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Parameters">What all samples choose.</param>
/// <param name="Disagreement">By what share the scales of the two halves differ: 0.1 is a tenth.</param>
/// <param name="Drift">By what share the scale moved, on average, from half of the data to all of it. Twice the data would
/// move it about as much again at most: averages settle with the square root of the data, extremes with its logarithm.</param>
/// <param name="LossDecibels">What a half's range costs in signal-to-quantization-noise ratio on all samples, in dB, the mean of
/// both; 0 where it costs nothing. The cost falls about as 1 / samples, so that of the whole is half of it.</param>
public sealed record TensorConvergence(string Name, QuantizationParameters Parameters, double Disagreement, double Drift, double LossDecibels)
{
    /// <summary>A loss in one tensor that does not show in what the network returns.</summary>
    public const double TolerableLossDecibels = 0.25;

    /// <summary>Whether half of the data was not enough to know the range.</summary>
    public bool IsMoving => LossDecibels > TolerableLossDecibels;
}
