using System.Numerics;
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

    public float Of(float x) => At(x);

    public Vector<float> Of(Vector<float> x) => At(x);

    public static float At(float real)
    {
        var x = MathF.Min(MathF.Max(real, Least), Greatest);
        var n = MathF.Round(x * PerLn2, MidpointRounding.ToEven);
        var r = MathF.FusedMultiplyAdd(n, -Ln2Low, MathF.FusedMultiplyAdd(n, -Ln2High, x));
        var p = MathF.FusedMultiplyAdd(P5, r, P4);
        p = MathF.FusedMultiplyAdd(p, r, P3);
        p = MathF.FusedMultiplyAdd(p, r, P2);
        p = MathF.FusedMultiplyAdd(p, r, P1);
        p = MathF.FusedMultiplyAdd(p, r, P0);
        p = MathF.FusedMultiplyAdd(p, r * r, r) + 1;
        // 2ⁿ in two factors: at either end of the range it is no normal number itself.
        var whole = float.IsNaN(n) ? 0 : (int)n;
        var half = whole >> 1;
        return p * BitConverter.Int32BitsToSingle((half + 127) << 23) * BitConverter.Int32BitsToSingle((whole - half + 127) << 23);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> At(Vector<float> real)
    {
        var x = Vector.Min(Vector.Max(real, new Vector<float>(Least)), new Vector<float>(Greatest));
        var n = Vector.Round(x * new Vector<float>(PerLn2), MidpointRounding.ToEven);
        var r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2Low), Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2High), x));
        var p = Vector.FusedMultiplyAdd(new Vector<float>(P5), r, new Vector<float>(P4));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(P3));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(P2));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(P1));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(P0));
        p = Vector.FusedMultiplyAdd(p, r * r, r) + Vector<float>.One;
        var whole = Vector.ConvertToInt32(n);
        var half = Vector.ShiftRightArithmetic(whole, 1);
        var bias = new Vector<int>(127);
        return p * Vector.AsVectorSingle(Vector.ShiftLeft(half + bias, 23)) * Vector.AsVectorSingle(Vector.ShiftLeft(whole - half + bias, 23));
    }
}

internal readonly struct SigmoidMap : IFloatMap
{
    public float Of(float x) => 1 / (1 + ExpMap.At(-x));

    public Vector<float> Of(Vector<float> x) => Vector<float>.One / (Vector<float>.One + ExpMap.At(-x));
}

/// <summary>x·sigmoid(a·x).</summary>
internal readonly struct SwishMap(float alpha) : IFloatMap
{
    public float Of(float x) => x * (1 / (1 + ExpMap.At(-(alpha * x))));

    public Vector<float> Of(Vector<float> x) => x * (Vector<float>.One / (Vector<float>.One + ExpMap.At(-(new Vector<float>(alpha) * x))));
}

/// <summary>The error function: its power series up to 1, and Abramowitz and Stegun's 7.1.26 beyond, whose error of 1.5e-7 is a few units
/// in the last place there.</summary>
internal readonly struct ErfMap : IFloatMap
{
    private const float P = 0.3275911f;

    private static readonly float[] Series = [.. Enumerable.Range(0, 11).Select(SeriesTerm)];
    private static readonly float[] Tail = [1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f];

    public float Of(float x) => At(x);

    public Vector<float> Of(Vector<float> x) => At(x);

    public static float At(float x)
    {
        var (a, square) = (MathF.Abs(x), x * x);
        if (a < 1)
        {
            var s = Series[^1];
            for (var i = Series.Length - 2; i >= 0; i--) s = MathF.FusedMultiplyAdd(s, square, Series[i]);
            return s * x;
        }
        var t = 1 / MathF.FusedMultiplyAdd(P, a, 1);
        var p = Tail[0];
        for (var i = 1; i < Tail.Length; i++) p = MathF.FusedMultiplyAdd(p, t, Tail[i]);
        return MathF.CopySign(1 - p * t * ExpMap.At(-square), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> At(Vector<float> x)
    {
        var (a, square) = (Vector.Abs(x), x * x);
        var s = new Vector<float>(Series[^1]);
        for (var i = Series.Length - 2; i >= 0; i--) s = Vector.FusedMultiplyAdd(s, square, new Vector<float>(Series[i]));
        var t = Vector<float>.One / Vector.FusedMultiplyAdd(new Vector<float>(P), a, Vector<float>.One);
        var p = new Vector<float>(Tail[0]);
        for (var i = 1; i < Tail.Length; i++) p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(Tail[i]));
        var tail = Vector.CopySign(Vector<float>.One - p * t * ExpMap.At(-square), x);
        return Vector.ConditionalSelect(Vector.LessThan(a, Vector<float>.One), s * x, tail);
    }

    /// <summary><c>2/√π · (−1)ⁿ / (n!·(2n + 1))</c>.</summary>
    private static float SeriesTerm(int n)
    {
        var factorial = 1.0;
        for (var k = 2; k <= n; k++) factorial *= k;
        return (float)(2 / Math.Sqrt(Math.PI) * (n % 2 == 0 ? 1 : -1) / (factorial * (2 * n + 1)));
    }
}

/// <summary>x times the share of the normal distribution below it.</summary>
internal readonly struct GeluMap : IFloatMap
{
    public float Of(float x) => 0.5f * x * (1 + ErfMap.At(x * 0.70710678f));

    public Vector<float> Of(Vector<float> x) =>
        new Vector<float>(0.5f) * x * (Vector<float>.One + ErfMap.At(x * new Vector<float>(0.70710678f)));
}
