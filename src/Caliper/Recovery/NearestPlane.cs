using System.Numerics.Tensors;

namespace Caliper.Recovery;

/// <summary>
/// Rounds some weights one after another, each so that it makes good what those before it have lost: Babai's nearest plane algorithm (L.
/// Babai, "On Lovász' lattice reduction and the nearest lattice point problem", 1986), which is what GPTQ computes (E. Frantar et al.,
/// "GPTQ", 2022) from the last tap to the first. The most important come first, while others are left to make good for them.
/// </summary>
internal static class NearestPlane
{
    /// <summary>Rounds.</summary>
    /// <param name="form">What errors cost.</param>
    /// <param name="weights">The weights in steps of their scale.</param>
    /// <param name="min">Least integer.</param>
    /// <param name="max">Greatest integer.</param>
    /// <param name="integers">What they become.</param>
    /// <param name="errors">Room for as many numbers: weights minus integers.</param>
    /// <returns>The squared error, in steps squared.</returns>
    public static double Round(
        QuadraticForm form, ReadOnlySpan<double> weights, int min, int max, Span<int> integers, Span<double> errors)
    {
        var total = 0.0;
        for (var i = form.Length - 1; i >= 0; i--)
        {
            var row = form.FactorRow(i);
            var wanted = weights[i] + TensorPrimitives.Dot(row[1..], errors[(i + 1)..]) / row[0];
            integers[i] = (int)Math.Clamp(Math.Round(wanted), min, max);
            errors[i] = weights[i] - integers[i];
            var left = row[0] * (wanted - integers[i]);
            total += left * left;
        }
        return total;
    }
}
