using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>
/// How many steps a number is, rounded to a whole one and cut off at both ends: <c>rne(x / step)</c>. A division takes ten times as long as a
/// product; here the reciprocal is two floats, <c>x·high + x·low</c> (Brisebarre, Muller, Raina: "Accelerating correctly rounded floating-point
/// division when the divisor is known in advance", 2004). Both ways rise with x, so they round all numbers alike if they do beside each place
/// where the whole number changes. Of each step that is tried once, in a tenth of a millisecond for 16 bits; of 20,000 such, seven are divided by
/// instead.
/// </summary>
internal readonly struct StepProducts
{
    /// <summary>What is less takes processors a hundred times as long, and is no step.</summary>
    public const float LeastNormal = 1.17549435e-38f;

    /// <summary>What is added, so that no product is less than that; it is far from half a step.</summary>
    public const float Added = 1f / (1L << 60) / (1 << 10);

    private const float LeastStep = 1f / (1L << 40), GreatestStep = 1L << 60;

    // Beside a place where the whole number changes, in floats: products and quotients are each within one.
    private const int Neighbours = 2;

    // Scales come back with every plan of a model. So many, and they are forgotten.
    private const int MostKnown = 1 << 14;

    private static readonly ConcurrentDictionary<WordScale, StepProducts> Known = new();

    /// <summary>Finds the reciprocal, and whether it does.</summary>
    /// <param name="step">The step; positive.</param>
    /// <param name="zeroPoint">The integer that stands for 0.</param>
    /// <param name="greatest">The greatest integer; the least is 0.</param>
    public StepProducts(float step, int zeroPoint, int greatest)
    {
        (Step, ZeroPoint, Greatest) = (step, zeroPoint, greatest);
        if (step is not (>= LeastStep and <= GreatestStep)) return;
        var (reciprocal, high) = (1.0 / step, 1 / step);
        // From below: no infinity meets one of the other sign; and never 0, with which infinity has no product.
        High = high > reciprocal ? MathF.BitDecrement(high) : high;
        Low = MathF.Max((float)(reciprocal - High), High / (1L << 40));
        AreExact = RoundAlike();
    }

    /// <summary>Those of words.</summary>
    public static StepProducts Of(WordScale scale)
    {
        if (Known.Count >= MostKnown) Known.Clear();
        return Known.GetOrAdd(scale, s => new(s.Scale, s.ZeroPoint, ushort.MaxValue));
    }

    /// <summary>Those of bytes.</summary>
    public static StepProducts Of(ByteScale scale) => new(scale.Scale, scale.ZeroPoint, byte.MaxValue);

    /// <summary>The step.</summary>
    public float Step { get; }

    /// <summary>The integer that stands for 0.</summary>
    public int ZeroPoint { get; }

    /// <summary>The greatest integer.</summary>
    public int Greatest { get; }

    /// <summary>The reciprocal.</summary>
    public float High { get; }

    /// <summary>What it lacks.</summary>
    public float Low { get; }

    /// <summary>Whether products round as the quotient does; else there is a division.</summary>
    public bool AreExact { get; }

    /// <summary>The definition, of bytes.</summary>
    public ByteScale Bytes => new(Step, (byte)ZeroPoint);

    /// <summary>The definition, of words.</summary>
    public WordScale Words => new(Step, (ushort)ZeroPoint);

    /// <summary>The quotient, to be rounded and cut off: what lies beyond may be any number beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T x) where T : struct, ILanes<T>
    {
        if (T.Count == 1 || !AreExact) return x / T.Of(Step);
        // What is no number stays none.
        var normal = T.WhereNotLess(T.Of(LeastNormal), T.Abs(x), T.Of(0), x);
        return T.Fma(normal, T.Of(High), T.Fma(normal, T.Of(Low), T.Of(Added)));
    }

    private bool RoundAlike()
    {
        var (step, high, low, added) = (new Vector<float>(Step), new Vector<float>(High), new Vector<float>(Low), new Vector<float>(Added));
        var (half, lanes) = (new Vector<float>(0.5f), Vector.CreateSequence(0f, 1));
        for (var first = 1; first <= Greatest; first += Vector<float>.Count)
        {
            var whole = lanes + new Vector<float>(first - ZeroPoint);
            var nearest = Vector.AsVectorInt32((whole - half) * step);
            var (least, most) = (whole, whole - Vector<float>.One);
            for (var away = -Neighbours; away <= Neighbours; away++)
            {
                var x = Vector.AsVectorSingle(nearest + new Vector<int>(away));
                var quotient = Vector.Round(x / step);
                var product = Vector.Round(Vector.FusedMultiplyAdd(x, high, Vector.FusedMultiplyAdd(x, low, added)));
                if (!Vector.EqualsAll(quotient, product)) return false;
                (least, most) = (Vector.Min(least, quotient), Vector.Max(most, quotient));
            }
            // The place itself lies between.
            if (!Vector.LessThanAll(least, whole) || !Vector.EqualsAll(most, whole)) return false;
        }
        return true;
    }
}
