namespace Caliper.Analysis;

/// <summary>What some values of a tensor lose in int8, in sums that can be added up.</summary>
internal record struct ErrorSums()
{
    /// <summary>Σ float².</summary>
    public double Signal;

    /// <summary>Σ (rounded − float)²: the error of scale and zero point alone.</summary>
    public double RoundingNoise;

    /// <summary>The part of it that values beyond the range have.</summary>
    public double ClippingNoise;

    /// <summary>Σ (local − float)²: the layer's own error.</summary>
    public double LocalNoise;

    /// <summary>Σ (deployed − float)².</summary>
    public double DeployedNoise;

    /// <summary>Σ deployed².</summary>
    public double DeployedSignal;

    /// <summary>Σ deployed · float.</summary>
    public double Product;

    /// <summary>Greatest |deployed − float|.</summary>
    public float MaxError;

    /// <summary>Least float value.</summary>
    public float Min = float.PositiveInfinity;

    /// <summary>Greatest float value.</summary>
    public float Max = float.NegativeInfinity;

    /// <summary>Values in all.</summary>
    public long Values;

    /// <summary>Values below the range.</summary>
    public long Below;

    /// <summary>Values above the range.</summary>
    public long Above;

    /// <summary>Adds those of further values.</summary>
    public void Add(in ErrorSums other)
    {
        Signal += other.Signal;
        RoundingNoise += other.RoundingNoise;
        ClippingNoise += other.ClippingNoise;
        LocalNoise += other.LocalNoise;
        DeployedNoise += other.DeployedNoise;
        DeployedSignal += other.DeployedSignal;
        Product += other.Product;
        MaxError = MathF.Max(MaxError, other.MaxError);
        (Min, Max) = (MathF.Min(Min, other.Min), MathF.Max(Max, other.Max));
        Values += other.Values;
        Below += other.Below;
        Above += other.Above;
    }
}
