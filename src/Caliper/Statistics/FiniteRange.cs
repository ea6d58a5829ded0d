using System.Numerics;
using System.Runtime.InteropServices;

namespace Caliper.Statistics;

/// <summary>
/// The least and greatest finite value of some floats, and how many were not finite. A minimum does not depend on the order
/// in which it is taken, so every vector width gives the same bits.
/// </summary>
internal struct FiniteRange()
{
    public float Min = float.PositiveInfinity;
    public float Max = float.NegativeInfinity;
    public NonFinite Skipped;

    /// <summary>Whether there was no finite value.</summary>
    public readonly bool IsEmpty => !(Min <= Max);

    /// <summary>One pass; a second one only where something is not finite.</summary>
    public static FiniteRange Of(ReadOnlySpan<float> values)
    {
        var range = new FiniteRange();
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var allFinite = vectors.Length == 0 || range.AddVectors(vectors);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..]) allFinite &= range.Add(value);
        if (!allFinite) foreach (var value in values) range.Skipped.Add(value);
        range.NormalizeZero();
        return range;
    }

    /// <summary>One value at a time: what <see cref="Of"/> must equal.</summary>
    public static FiniteRange Reference(ReadOnlySpan<float> values)
    {
        var range = new FiniteRange();
        foreach (var value in values) if (!range.Add(value)) range.Skipped.Add(value);
        range.NormalizeZero();
        return range;
    }

    /// <summary>Takes in another range.</summary>
    public void Add(in FiniteRange other)
    {
        if (other.Min < Min) Min = other.Min;
        if (other.Max > Max) Max = other.Max;
        Skipped.Add(other.Skipped);
    }

    /// <summary>Takes in the value if it is finite, and says whether it is.</summary>
    private bool Add(float value)
    {
        if (!float.IsFinite(value)) return false;
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        return true;
    }

    /// <summary>
    /// Each lane keeps a minimum and a maximum of its own, two of each so that one does not wait for the other. A value that
    /// is not finite stands aside as +∞ for the minimum and -∞ for the maximum. The caller handles the tail.
    /// </summary>
    private bool AddVectors(ReadOnlySpan<Vector<float>> vectors)
    {
        var infinity = new Vector<float>(float.PositiveInfinity);
        var (min0, min1, max0, max1) = (infinity, infinity, -infinity, -infinity);
        var finite = Vector<int>.AllBitsSet;
        var i = 0;
        for (; i < vectors.Length - 1; i += 2)
        {
            Step(vectors[i], ref min0, ref max0);
            Step(vectors[i + 1], ref min1, ref max1);
        }
        if (i < vectors.Length) Step(vectors[i], ref min0, ref max0);
        (min0, max0) = (Vector.MinNative(min0, min1), Vector.MaxNative(max0, max1));
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            Min = MathF.Min(Min, min0[lane]);
            Max = MathF.Max(Max, max0[lane]);
        }
        return Vector.EqualsAll(finite, Vector<int>.AllBitsSet);

        void Step(Vector<float> x, ref Vector<float> min, ref Vector<float> max)
        {
            // False for NaN as for the infinities.
            var isFinite = Vector.LessThan(Vector.Abs(x), infinity);
            min = Vector.MinNative(min, Vector.ConditionalSelect(isFinite, x, infinity));
            max = Vector.MaxNative(max, Vector.ConditionalSelect(isFinite, x, -infinity));
            finite &= isFinite;
        }
    }

    // Which of 0 and -0 a vector's minimum returns is the processor's choice; adding 0 makes both 0.
    private void NormalizeZero() => (Min, Max) = (Min + 0f, Max + 0f);
}
