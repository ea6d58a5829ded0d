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

    private readonly float _reciprocal = 1 / value;

    /// <summary>Whether quotients by it may be made of products.</summary>
    private bool IsPlain => MathF.Abs(value) is >= Least and <= Greatest;

    // Then the reciprocal is exact, and both ways round the same number.
    private bool IsPowerOfTwo => IsPlain && (BitConverter.SingleToUInt32Bits(value) & 0x7F_FFFF) == 0;

    /// <summary>The quotient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T x) where T : struct, ILanes<T>
    {
        if (IsPowerOfTwo) return x * T.Of(_reciprocal);
        if (T.Count == 1 || !IsPlain || !T.AreZeroOrBetween(T.Abs(x), Least, Greatest)) return x / T.Of(value);
        return T.CopySign(Products(x), x * T.Of(_reciprocal));
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
