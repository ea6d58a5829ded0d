namespace Caliper.Recovery;

/// <summary>Rounding of one tensor to 256 levels, as a function of the factors that its channels are divided by.</summary>
/// <param name="Name">The site.</param>
/// <param name="Made">The classes of the channels that are rounded, and what noise on each comes to at the network's outputs.</param>
/// <param name="Seen">The classes of the channels that the range is taken from, and how far each reaches above and below zero.</param>
internal sealed record TensorRounding(string Name, (int Class, double Weight)[] Made, (int Class, double Above, double Below)[] Seen)
{
    private const double Unit = 1.0 / (12 * 255 * 255);

    /// <summary>The noise.</summary>
    public double Noise(double[] factors)
    {
        var range = Greatest(s => s.Above, factors) + Greatest(s => s.Below, factors);
        return Unit * range * range * Carried(factors);
    }

    /// <summary>Adds the gradient by the logarithms of the factors.</summary>
    public void AddGradient(double[] factors, double[] gradient)
    {
        var (above, below) = (Greatest(s => s.Above, factors), Greatest(s => s.Below, factors));
        var range = above + below;
        if (range <= 0) return;
        foreach (var (id, weight) in Made) gradient[id] += 2 * Unit * range * range * weight * factors[id] * factors[id];
        var (aboveAll, belowAll) = (0d, 0d);
        foreach (var (id, up, down) in Seen)
        {
            aboveAll += SmoothMaximum.Share(up / factors[id], above);
            belowAll += SmoothMaximum.Share(down / factors[id], below);
        }
        var unit = 2 * Unit * range * Carried(factors);
        foreach (var (id, up, down) in Seen)
        {
            if (above > 0) gradient[id] -= unit * above * SmoothMaximum.Share(up / factors[id], above) / aboveAll;
            if (below > 0) gradient[id] -= unit * below * SmoothMaximum.Share(down / factors[id], below) / belowAll;
        }
    }

    private double Carried(double[] factors)
    {
        var sum = 0d;
        foreach (var (id, weight) in Made) sum += weight * factors[id] * factors[id];
        return sum;
    }

    private double Greatest(Func<(int Class, double Above, double Below), double> part, double[] factors)
    {
        var greatest = 0d;
        foreach (var seen in Seen) greatest = Math.Max(greatest, part(seen) / factors[seen.Class]);
        return greatest;
    }
}

/// <summary>Rounding of weights to int8, a scale an output, as a function of the factors of the inputs that those outputs read.</summary>
/// <param name="Inputs">For each input its class, and the variance of all that a step of rounding there is multiplied with.</param>
/// <param name="Outputs">For each output what noise on it comes to at the network's outputs, and its greatest weight for each input.</param>
internal sealed record WeightRounding((int Class, double Variance)[] Inputs, (double Weight, float[] Peaks)[] Outputs)
{
    private const double Unit = 1.0 / (12 * 127 * 127);

    /// <summary>The noise.</summary>
    public double Noise(double[] factors) => Unit * Spread(factors) * Outputs.Sum(o => o.Weight * Squared(Greatest(o.Peaks, FactorsOf(factors))));

    /// <summary>Adds the gradient by the logarithms of the factors.</summary>
    public void AddGradient(double[] factors, double[] gradient)
    {
        var (own, spread, peaks) = (FactorsOf(factors), Spread(factors), 0d);
        foreach (var (weight, row) in Outputs)
        {
            var peak = Greatest(row, own);
            if (peak <= 0) continue;
            peaks += weight * peak * peak;
            var all = 0d;
            for (var i = 0; i < row.Length; i++) all += SmoothMaximum.Share(row[i] * own[i], peak);
            var unit = 2 * Unit * weight * peak * peak * spread / all;
            for (var i = 0; i < row.Length; i++) gradient[Inputs[i].Class] += unit * SmoothMaximum.Share(row[i] * own[i], peak);
        }
        for (var i = 0; i < own.Length; i++) gradient[Inputs[i].Class] -= 2 * Unit * peaks * Inputs[i].Variance / (own[i] * own[i]);
    }

    private double[] FactorsOf(double[] factors) => Array.ConvertAll(Inputs, i => factors[i.Class]);

    private double Spread(double[] factors)
    {
        var sum = 0d;
        foreach (var (id, variance) in Inputs) sum += variance / (factors[id] * factors[id]);
        return sum;
    }

    private static double Greatest(float[] peaks, double[] own)
    {
        var greatest = 0d;
        for (var i = 0; i < peaks.Length; i++) greatest = Math.Max(greatest, peaks[i] * own[i]);
        return greatest;
    }

    private static double Squared(double x) => x * x;
}

/// <summary>
/// The rounding noise that arrives at a network's outputs, as a function of the factors of all classes. A tensor's step is its range / 255,
/// that of a weight its output's greatest / 127; a step Δ makes noise of Δ²/12. Each term is a maximum of monomials times a sum of monomials,
/// so in the logarithms of the factors the whole is convex: it has one minimum (S. Boyd et al., "A Tutorial on Geometric Programming", 2007).
/// </summary>
/// <param name="Tensors">The tensors that are rounded.</param>
/// <param name="Weights">The weights that are rounded.</param>
internal sealed record RoundingNoise(TensorRounding[] Tensors, WeightRounding[] Weights)
{
    /// <summary>The gradient of the noise by the logarithms of the factors; where several channels are nearly the greatest, all of them share in
    /// it.</summary>
    public void Gradient(double[] factors, double[] gradient)
    {
        Array.Clear(gradient);
        foreach (var tensor in Tensors) tensor.AddGradient(factors, gradient);
        foreach (var weights in Weights) weights.AddGradient(factors, gradient);
        gradient[ChannelClasses.Fixed] = 0;
    }
}

/// <summary>A maximum seen as a norm of order 24, so that it has a gradient in all that come near it.</summary>
internal static class SmoothMaximum
{
    /// <summary>The share of one value, of those of all; what is below two thirds has none worth telling.</summary>
    public static double Share(double value, double greatest)
    {
        if (value < 0.66 * greatest || greatest <= 0) return 0;
        var square = value / greatest * (value / greatest);
        var eighth = square * square * square * square;
        return eighth * eighth * eighth;
    }
}
