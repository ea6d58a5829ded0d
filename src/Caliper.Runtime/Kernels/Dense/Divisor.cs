using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Dense;

/// <summary>
/// Divides by one number again and again. A division takes ten times as long as a product; here the product with the reciprocal is corrected
/// by what it leaves, twice: the first time it becomes one of the two floats next to the quotient, and then what is left is exact and
/// the sum rounds as the division does (Markstein, "Computation of elementary functions on the IBM RISC System/6000", 1990). So it has the
/// division's bits as long as nothing overflows or loses digits below, which <see cref="IsPlain"/> and the callers see to.
/// </summary>
internal readonly struct Divisor(float value)
{
    private const float Least = 1f / (1L << 60), Greatest = 1L << 60;

    // Integers of 16 bits and their zero point are cut off long before. What is far less than half a step is 0: what products leave of it would
    // be denormal, and processors take a hundred times as long for that.
    public const float MostSteps = 1 << 18, LeastSteps = 1f / (1 << 10);

    private const float LeastStep = 1f / (1L << 40);

    private readonly float _reciprocal = 1 / value;

    /// <summary>Whether quotients by it may be made of products.</summary>
    private bool IsPlain => MathF.Abs(value) is >= Least and <= Greatest;

    // Then the reciprocal is exact, and both ways round the same number.
    private bool IsPowerOfTwo => IsPlain && (BitConverter.SingleToUInt32Bits(value) & 0x7F_FFFF) == 0;

    /// <summary>Whether numbers of steps may be made of products.</summary>
    public bool HasPlainSteps => value is >= LeastStep and <= Greatest;

    /// <summary>The quotient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T x) where T : struct, ILanes<T>
    {
        if (IsPowerOfTwo) return x * T.Of(_reciprocal);
        if (T.Count == 1 || !IsPlain || !T.AreZeroOrBetween(T.Abs(x), Least, Greatest)) return x / T.Of(value);
        return T.CopySign(Products(x), x * T.Of(_reciprocal));
    }

    /// <summary>The quotient by a step, to be rounded to an integer of 16 bits at most: what lies beyond those may be any number beyond them, and
    /// a 0 have any sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Steps<T>(T x) where T : struct, ILanes<T>
    {
        if (T.Count == 1 || !HasPlainSteps) return x / T.Of(value);
        var near = T.WhereNotLess(T.Of(LeastSteps * value), T.Abs(x), T.Of(0), x);
        return Products(T.Between(near, -MostSteps * value, MostSteps * value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Products<T>(T x) where T : struct, ILanes<T>
    {
        var (reciprocal, minus) = (T.Of(_reciprocal), T.Of(-value));
        var q = x * reciprocal;
        q = T.Fma(T.Fma(q, minus, x), reciprocal, q);
        return T.Fma(T.Fma(q, minus, x), reciprocal, q);
    }
}
