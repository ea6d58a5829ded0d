using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Dense;

/// <summary>
/// The exponential in float32: 2ⁿ·eʳ, r being what ln 2 leaves of x (Cody and Waite), eʳ a polynomial of sixth degree whose relative error
/// is 3e-9 at most. Fused multiply-adds round once wherever they run, so that one number and eight of them have the same bits. Within one unit in
/// the last place.
/// </summary>
internal readonly struct ExpMap : IFloatMap
{
    private const float Least = -104, Greatest = 89, PerLn2 = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float P4 = 1.3814429e-3f, P3 = 8.368797e-3f, P2 = 4.1668396e-2f, P1 = 1.666652e-1f, P0 = 4.9999993e-1f;

    // 1.5·2²³: a sum with it has no room for a fraction, so that it is rounded to a whole number, ties to the even one.
    private const float Rounding = 12582912;

    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T real) where T : struct, ILanes<T>
    {
        var x = T.Between(real, Least, Greatest);
        var n = T.Fma(x, T.Of(PerLn2), T.Of(Rounding)) - T.Of(Rounding);
        var r = T.Fma(n, T.Of(-Ln2Low), T.Fma(n, T.Of(-Ln2High), x));
        var p = T.Fma(T.Of(P4), r, T.Of(P3));
        p = T.Fma(p, r, T.Of(P2));
        p = T.Fma(p, r, T.Of(P1));
        p = T.Fma(p, r, T.Of(P0));
        p = T.Fma(p, r, T.Of(1));
        return T.Scale(T.Fma(p, r, T.Of(1)), n);
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

/// <summary>
/// The error function: x times a polynomial of x² up to 1.15; beyond, <c>1 − g⁸</c>, g being a polynomial near the eighth root of what lacks
/// to 1, which from 4 on is no digit of a float any more. Both have about the least greatest error of their degree (Lawson's weights, in turns).
/// Within 3 units in the last place.
/// </summary>
internal readonly struct ErfMap : IFloatMap
{
    private const float Border = 1.15f, Greatest = 4;
    private const float S6 = 6.8606911e-05f, S5 = -0.00076905475f, S4 = 0.0051497258f, S3 = -0.026832335f, S2 = 0.11283046f, S1 = -0.37612575f,
        S0 = 1.1283791f;
    private const float G6 = 0.00016480025f, G5 = -0.0026320827f, G4 = 0.013644906f, G3 = -0.013037104f, G2 = -0.059304435f, G1 = -0.14647657f,
        G0 = 1.0012213f;

    public T Of<T>(T x) where T : struct, ILanes<T> => At(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T At<T>(T x) where T : struct, ILanes<T>
    {
        var (a, square) = (T.Abs(x), x * x);
        var s = T.Fma(T.Of(S6), square, T.Of(S5));
        s = T.Fma(s, square, T.Of(S4));
        s = T.Fma(s, square, T.Of(S3));
        s = T.Fma(s, square, T.Of(S2));
        s = T.Fma(s, square, T.Of(S1));
        s = T.Fma(s, square, T.Of(S0));
        var near = T.Min(a, T.Of(Greatest));
        var g = T.Fma(T.Of(G6), near, T.Of(G5));
        g = T.Fma(g, near, T.Of(G4));
        g = T.Fma(g, near, T.Of(G3));
        g = T.Fma(g, near, T.Of(G2));
        g = T.Fma(g, near, T.Of(G1));
        g = T.Fma(g, near, T.Of(G0));
        g *= g;
        g *= g;
        return T.WhereNotLess(a, T.Of(Border), T.CopySign(T.Of(1) - g * g, x), s * x);
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
