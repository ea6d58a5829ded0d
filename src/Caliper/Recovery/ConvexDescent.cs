namespace Caliper.Recovery;

/// <summary>
/// The factors of least noise. Noise differs by orders of magnitude from site to site and so do gradients; their signs alone are followed,
/// with a step of its own for each class (M. Riedmiller, H. Braun, "A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP
/// Algorithm", 1993). In logarithms the noise is convex, so that leads to its one minimum.
/// </summary>
internal static class ConvexDescent
{
    private const int Steps = 120;
    private const double FirstStep = 0.1, GreatestStep = 0.5, LeastStep = 1e-4;

    /// <summary>Finds the factors, beginning with 1 everywhere.</summary>
    /// <param name="noise">What is to be least.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="greatest">The greatest factor and the reciprocal of the least.</param>
    public static double[] Minimize(RoundingNoise noise, int classes, double greatest)
    {
        var bound = Math.Log(greatest);
        var (logs, factors, gradient, before) = (new double[classes], new double[classes], new double[classes], new double[classes]);
        var steps = new double[classes];
        Array.Fill(steps, FirstStep);
        Array.Fill(factors, 1);
        for (var step = 0; step < Steps; step++)
        {
            noise.Gradient(factors, gradient);
            for (var c = 0; c < classes; c++)
            {
                // Noise beyond all numbers has no slope to follow.
                if (double.IsNaN(gradient[c])) gradient[c] = 0;
                var product = gradient[c] * before[c];
                if (product > 0) steps[c] = Math.Min(steps[c] * 1.2, GreatestStep);
                else if (product < 0)
                {
                    steps[c] = Math.Max(steps[c] * 0.5, LeastStep);
                    gradient[c] = 0;
                }
                logs[c] = Math.Clamp(logs[c] - Math.Sign(gradient[c]) * steps[c], -bound, bound);
                factors[c] = Math.Exp(logs[c]);
            }
            (gradient, before) = (before, gradient);
        }
        return factors;
    }
}
