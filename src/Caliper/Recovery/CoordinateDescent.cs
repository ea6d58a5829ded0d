using System.Numerics.Tensors;

namespace Caliper.Recovery;

/// <summary>
/// Moves one rounded weight at a time to the integer that is best while all others stay, until no move lowers the error: as the
/// adaptive rounding of M. Nagel et al. ("Up or Down?", 2020), whose quadratic error it descends exactly, without training.
/// </summary>
internal static class CoordinateDescent
{
    /// <summary>Each sweep lowers the error, and there are finitely many integers; late sweeps move almost nothing.</summary>
    private const int MostSweeps = 30;

    /// <summary>Gains below this part of a step are rounding noise of the sums.</summary>
    private const double LeastGain = 1e-9;

    /// <summary>Improves rounded weights in place.</summary>
    /// <param name="form">What errors cost.</param>
    /// <param name="weights">The weights in steps of their scale.</param>
    /// <param name="min">Least integer.</param>
    /// <param name="max">Greatest integer.</param>
    /// <param name="integers">Where to begin, and what is found.</param>
    /// <returns>The squared error, in steps squared.</returns>
    public static double Improve(QuadraticForm form, ReadOnlySpan<double> weights, int min, int max, Span<int> integers)
    {
        var errors = new double[form.Length];
        var slopes = new double[form.Length];
        for (var i = 0; i < errors.Length; i++) errors[i] = weights[i] - integers[i];
        form.Multiply(errors, slopes);
        var moved = true;
        for (var sweep = 0; moved && sweep < MostSweeps; sweep++)
        {
            moved = false;
            // The most important first, as in the planes.
            for (var i = errors.Length - 1; i >= 0; i--)
            {
                var target = (int)Math.Clamp(integers[i] + Math.Round(slopes[i] / form.Diagonal(i)), min, max);
                var move = target - integers[i];
                if (move * (2 * slopes[i] - move * form.Diagonal(i)) <= LeastGain * form.Diagonal(i)) continue;
                integers[i] = target;
                errors[i] -= move;
                TensorPrimitives.MultiplyAdd(form.Row(i), -(double)move, slopes, slopes);
                moved = true;
            }
        }
        return form.Of(errors);
    }
}
