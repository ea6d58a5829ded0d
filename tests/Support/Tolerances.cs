namespace Caliper.Testing;

/// <summary>How far two results may differ where they need not be equal.</summary>
internal static class Tolerances
{
    /// <summary>Signal to noise of float32 results that differ only in the order of additions.</summary>
    public const double FloatRoundingDecibels = 110;

    /// <summary>Signal to noise of a good int8 network of a few layers.</summary>
    public const double Int8Decibels = 32;

    /// <summary>Signal to noise of an int8 network with few levels or many layers.</summary>
    public const double CoarseInt8Decibels = 18;

    /// <summary>Signal to noise of results that come from almost the same integers: a few are one level off.</summary>
    public const double SameIntegersDecibels = 40;
}
