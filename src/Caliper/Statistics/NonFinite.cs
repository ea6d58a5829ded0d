namespace Caliper.Statistics;

/// <summary>How many values were skipped because they are not finite.</summary>
internal struct NonFinite
{
    public long NaN;
    public long PositiveInfinity;
    public long NegativeInfinity;

    /// <summary>How many were skipped.</summary>
    public readonly long Count => NaN + PositiveInfinity + NegativeInfinity;

    /// <summary>Takes in what another scan skipped.</summary>
    public void Add(in NonFinite other)
    {
        NaN += other.NaN;
        PositiveInfinity += other.PositiveInfinity;
        NegativeInfinity += other.NegativeInfinity;
    }

    /// <summary>Takes in one value.</summary>
    public void Add(float value)
    {
        if (float.IsNaN(value)) NaN++;
        else if (float.IsPositiveInfinity(value)) PositiveInfinity++;
        else if (float.IsNegativeInfinity(value)) NegativeInfinity++;
    }
}
