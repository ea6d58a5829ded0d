namespace Caliper.Observers;

/// <summary>The least and greatest finite value of some floats, and how many were not finite.</summary>
internal struct FiniteRange()
{
    public float Min = float.PositiveInfinity;
    public float Max = float.NegativeInfinity;
    public long NaNCount;
    public long PositiveInfinityCount;
    public long NegativeInfinityCount;

    /// <summary>Whether there was no finite value.</summary>
    public readonly bool IsEmpty => !(Min <= Max);

    public static FiniteRange Of(ReadOnlySpan<float> values)
    {
        var range = new FiniteRange();
        foreach (var value in values) range.Add(value);
        return range;
    }

    /// <summary>Takes in another range.</summary>
    public void Add(in FiniteRange other)
    {
        Min = MathF.Min(Min, other.Min);
        Max = MathF.Max(Max, other.Max);
        NaNCount += other.NaNCount;
        PositiveInfinityCount += other.PositiveInfinityCount;
        NegativeInfinityCount += other.NegativeInfinityCount;
    }

    private void Add(float value)
    {
        if (float.IsFinite(value))
        {
            if (value < Min) Min = value;
            if (value > Max) Max = value;
        }
        else if (float.IsNaN(value)) NaNCount++;
        else if (value > 0) PositiveInfinityCount++;
        else NegativeInfinityCount++;
    }
}
