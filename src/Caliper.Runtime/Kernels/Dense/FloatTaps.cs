using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>Weighted sums of a few elements of an axis each: cubic interpolation, and means of what a smaller image no longer shows.</summary>
/// <param name="Count">Elements of each sum.</param>
/// <param name="Places">Which ones, sum by sum.</param>
/// <param name="Weights">Their weights.</param>
internal sealed unsafe record FloatTaps(int Count, int[] Places, float[] Weights)
{
    /// <summary>The sums along an axis of <paramref name="length"/>, <paramref name="inner"/> elements apart.</summary>
    /// <param name="outer">Lines that lie one after the other.</param>
    /// <param name="length">Elements of a line.</param>
    /// <param name="inner">How far apart they lie.</param>
    public DenseKernel Along(int outer, int length, int inner)
    {
        if (Count < 1 || Places.Length % Count != 0 || Places.Length != Weights.Length || Places.Any(p => p < 0 || p >= length))
            throw new ArgumentException("A sum is of elements of its axis.");
        var results = Places.Length / Count;
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            for (var line = 0L; line < outer; line++)
                for (var y = 0; y < results; y++)
                    Sum(inputs[0] + line * length * inner, y * Count, inner, output + (line * results + y) * inner, set);
        }, (long)outer * results * inner, (long)outer * length * inner);
    }

    private void Sum(float* from, int first, int inner, float* to, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            for (; i <= inner - Vector<float>.Count; i += Vector<float>.Count)
            {
                var sum = Vector<float>.Zero;
                for (var tap = first; tap < first + Count; tap++) sum += *(Vector<float>*)(from + (long)Places[tap] * inner + i) * Weights[tap];
                *(Vector<float>*)(to + i) = sum;
            }
        }
        for (; i < inner; i++)
        {
            var sum = 0f;
            for (var tap = first; tap < first + Count; tap++) sum += from[(long)Places[tap] * inner + i] * Weights[tap];
            to[i] = sum;
        }
    }
}
