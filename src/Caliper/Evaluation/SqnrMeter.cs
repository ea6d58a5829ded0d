namespace Caliper.Evaluation;

/// <summary>
/// Signal-to-quantization-noise ratio of one tensor over many samples: <c>10·log10(Σ ref² / Σ (ref − cand)²)</c> in
/// decibels. Each bit of precision is worth about 6 dB.
/// </summary>
internal sealed class SqnrMeter
{
    /// <summary>Sum of the squares of the reference.</summary>
    public double Signal { get; private set; }

    /// <summary>Sum of the squares of the differences.</summary>
    public double Noise { get; private set; }

    /// <summary>The ratio in dB: positive infinity without any difference (or any value), negative infinity where the
    /// reference is all zero and the candidate is not, NaN where a value was no number.</summary>
    public double Decibels => DecibelsOf(Signal, Noise);

    /// <inheritdoc cref="Decibels"/>
    public static double DecibelsOf(double signal, double noise) => noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);

    /// <summary>Takes the same elements of both tensors in. Sums are in double precision and in order, so that the result
    /// does not depend on how the data was batched.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Update(ReadOnlySpan<float> reference, ReadOnlySpan<float> candidate)
    {
        if (reference.Length != candidate.Length)
            throw new ArgumentException("The two tensors differ in length.", nameof(candidate));
        double signal = Signal, noise = Noise;
        for (var i = 0; i < reference.Length; i++)
        {
            // An infinity on both sides, as masks leave behind, is no difference, and no signal to measure one by.
            if (!float.IsFinite(reference[i]) && reference[i].Equals(candidate[i])) continue;
            double value = reference[i], difference = value - candidate[i];
            signal += value * value;
            noise += difference * difference;
        }
        (Signal, Noise) = (signal, noise);
    }
}
