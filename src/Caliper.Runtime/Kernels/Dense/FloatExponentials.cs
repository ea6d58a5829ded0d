using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Dense;

/// <summary>
/// The exponential in float32: 2ⁿ·eʳ, r being what ln 2 leaves of x (Cody and Waite), eʳ by the polynomial of Cephes' expf. Fused
/// multiply-adds round once wherever they run, so that one number and eight of them have the same bits. Within 2 units in the last
/// place.
/// </summary>
internal readonly struct ExpMap : IFloatMap
{
    private const float Least = -104, Greatest = 89, PerLn2 = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float P5 = 1.9875691500e-4f, P4 = 1.3981999507e-3f, P3 = 8.3334519073e-3f, P2 = 4.1665795894e-2f, P1 = 1.6666665459e-1f,
        P0 = 5.0000001201e-1f;

    // 1.5·2²³: a sum with it has no room for a fraction, so that it is rounded to a whole number, ties to the even one.
    private const float Rounding = 12582912;

    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T real) where T : struct, ILanes<T>
    {
        var x = T.Between(real, Least, Greatest);
        var n = x * T.Of(PerLn2) + T.Of(Rounding) - T.Of(Rounding);
        var r = T.Fma(n, T.Of(-Ln2Low), T.Fma(n, T.Of(-Ln2High), x));
        var p = T.Fma(T.Of(P5), r, T.Of(P4));
        p = T.Fma(p, r, T.Of(P3));
        p = T.Fma(p, r, T.Of(P2));
        p = T.Fma(p, r, T.Of(P1));
        p = T.Fma(p, r, T.Of(P0));
        return T.Scale(T.Fma(p, r * r, r) + T.Of(1), n);
    }
}

internal readonly struct SigmoidMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T x) where T : struct, ILanes<T> => T.Of(1) / (T.Of(1) + ExpMap.At(-x));
}

/// <summary>x·sigmoid(a·x).</summary>
internal readonly struct SwishMap(float alpha) : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => x * SigmoidMap.At(T.Of(alpha) * x);
}

/// <summary>The hyperbolic tangent: Cephes' polynomial up to 0.625, and <c>1 − 2 / (e²ˣ + 1)</c> beyond. Within 3 units in the last
/// place.</summary>
internal readonly struct TanhMap : IFloatMap
{
    private const float P4 = -5.70498872745e-3f, P3 = 2.06390887954e-2f, P2 = -5.37397155531e-2f, P1 = 1.33314422036e-1f, P0 = -3.33332819422e-1f;

    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T x) where T : struct, ILanes<T>
    {
        var (a, square) = (T.Abs(x), x * x);
        var p = T.Fma(T.Of(P4), square, T.Of(P3));
        p = T.Fma(p, square, T.Of(P2));
        p = T.Fma(p, square, T.Of(P1));
        p = T.Fma(p, square, T.Of(P0));
        var far = T.CopySign(T.Of(1) - T.Of(2) / (ExpMap.At(a + a) + T.Of(1)), x);
        return T.WhereNotLess(a, T.Of(0.625f), far, T.Fma(p * square, x, x));
    }
}

/// <summary>The error function: its power series up to 1, and Abramowitz and Stegun's 7.1.26 beyond, whose error of 1.5e-7 is a few units
/// in the last place there.</summary>
internal readonly struct ErfMap : IFloatMap
{
    private const float P = 0.3275911f;

    // 2/√π · (−1)ⁿ / (n!·(2n + 1)).
    private const float S0 = 1.1283792f, S1 = -0.37612638f, S2 = 0.11283792f, S3 = -0.026866172f, S4 = 0.005223978f, S5 = -0.0008548327f;
    private const float S6 = 0.000120553326f, S7 = -1.492565e-05f, S8 = 1.6462114e-06f, S9 = -1.6365844e-07f, S10 = 1.4807193e-08f;
    private const float T4 = 1.061405429f, T3 = -1.453152027f, T2 = 1.421413741f, T1 = -0.284496736f, T0 = 0.254829592f;

    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T x) where T : struct, ILanes<T>
    {
        var (a, square) = (T.Abs(x), x * x);
        var s = T.Fma(T.Of(S10), square, T.Of(S9));
        s = T.Fma(s, square, T.Of(S8));
        s = T.Fma(s, square, T.Of(S7));
        s = T.Fma(s, square, T.Of(S6));
        s = T.Fma(s, square, T.Of(S5));
        s = T.Fma(s, square, T.Of(S4));
        s = T.Fma(s, square, T.Of(S3));
        s = T.Fma(s, square, T.Of(S2));
        s = T.Fma(s, square, T.Of(S1));
        s = T.Fma(s, square, T.Of(S0));
        var t = T.Of(1) / T.Fma(T.Of(P), a, T.Of(1));
        var p = T.Fma(T.Of(T4), t, T.Of(T3));
        p = T.Fma(p, t, T.Of(T2));
        p = T.Fma(p, t, T.Of(T1));
        p = T.Fma(p, t, T.Of(T0));
        var far = T.CopySign(T.Of(1) - p * t * ExpMap.At(-square), x);
        return T.WhereNotLess(a, T.Of(1), far, s * x);
    }
}

/// <summary>x times the share of the normal distribution below it.</summary>
internal readonly struct GeluMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Of(0.5f) * x * (T.Of(1) + ErfMap.At(x * T.Of(0.70710678f)));
}

/// <summary>The same by the hyperbolic tangent.</summary>
internal readonly struct TanhGeluMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> =>
        T.Of(0.5f) * x * (T.Of(1) + TanhMap.At(T.Of(0.7978846f) * (x + T.Of(0.044715f) * x * x * x)));
}
