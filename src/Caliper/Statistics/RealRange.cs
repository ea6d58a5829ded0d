namespace Caliper.Statistics;

/// <summary>From one real number to another: what a tensor's values span, or what its integers shall span.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
public readonly record struct RealRange(float Min, float Max)
{
    /// <summary>The same range, widened where it does not hold 0.</summary>
    public RealRange WithZero => new(MathF.Min(Min, 0), MathF.Max(Max, 0));

    /// <inheritdoc/>
    // A record would print WithZero too, and its WithZero, and so on.
    public override string ToString() => FormattableString.Invariant($"[{Min}, {Max}]");

    /// <summary>The range that two numbers are the ends of.</summary>
    public static implicit operator RealRange((float Min, float Max) ends) => new(ends.Min, ends.Max);
}
