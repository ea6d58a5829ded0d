using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

internal readonly struct ReluMap : IFloatMap
{
    public FloatBounds Bounds => new(0, float.PositiveInfinity);

    public T Of<T>(T x) where T : struct, ILanes<T> => T.Max(x, T.Of(0));
}

/// <summary>Cut off below and above.</summary>
internal readonly struct ClipMap(float min, float max) : IFloatMap
{
    // Between numbers that change places, the lesser one counts, and what is none stays as it was written.
    public FloatBounds Bounds => min <= max ? new(min, max) : default;

    public T Of<T>(T x) where T : struct, ILanes<T> => T.Min(T.Max(x, T.Of(min)), T.Of(max));
}

/// <summary>x, and below zero a share of it.</summary>
internal readonly struct LeakyReluMap(float alpha) : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.WhereNotLess(x, T.Of(0), x, T.Of(alpha) * x);
}

internal readonly struct HardSigmoidMap(float alpha, float beta) : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Max(T.Of(0), T.Min(T.Of(1), T.Of(alpha) * x + T.Of(beta)));
}

internal readonly struct HardSwishMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => x * T.Max(T.Of(0), T.Min(T.Of(1), x * T.Of(1f / 6) + T.Of(0.5f)));
}

internal readonly struct AbsMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Abs(x);
}

internal readonly struct NegMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => -x;
}

internal readonly struct SqrtMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Sqrt(x);
}

internal readonly struct ReciprocalMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Of(1) / x;
}

internal readonly struct FloorMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Floor(x);
}

internal readonly struct CeilMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Ceiling(x);
}

/// <summary>To the nearest whole number, ties to the even one.</summary>
internal readonly struct RoundMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => T.Round(x);
}

internal readonly struct SquareMap : IFloatMap
{
    public T Of<T>(T x) where T : struct, ILanes<T> => x * x;
}

internal readonly struct AddZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => a + b;
}

internal readonly struct SubZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => a - b;
}

internal readonly struct MulZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => a * b;
}

internal readonly struct DivZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => a / b;
}

internal readonly struct MinZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => T.Min(a, b);
}

internal readonly struct MaxZip : IFloatZip
{
    public T Of<T>(T a, T b) where T : struct, ILanes<T> => T.Max(a, b);
}

/// <summary>x, and below zero x times a slope.</summary>
internal readonly struct PReluZip : IFloatZip
{
    public T Of<T>(T x, T slope) where T : struct, ILanes<T> => T.WhereNotLess(x, T.Of(0), x, slope * x);
}

/// <summary>A word's number from its upper and its lower byte. All but the product is a whole number of 17 bits at most, and exact.</summary>
internal readonly struct JoinZip(float zeroPoint, float scale) : IFloatZip
{
    public T Of<T>(T high, T low) where T : struct, ILanes<T> => (high * T.Of(256) + low - T.Of(zeroPoint)) * T.Of(scale);
}

/// <summary>Division by one number.</summary>
internal readonly struct QuotientMap(float divisor) : IFloatMap
{
    private readonly Divisor _divisor = new(divisor);

    public T Of<T>(T x) where T : struct, ILanes<T> => _divisor.Of(x);
}

/// <summary>The number that the byte of a number stands for: what QuantizeLinear and DequantizeLinear make of it together.</summary>
internal readonly struct ByteRoundingMap(ByteScale scale) : IFloatMap
{
    private readonly IntegerRounding _rounding = new(StepProducts.Of(scale));

    public T Of<T>(T x) where T : struct, ILanes<T> => _rounding.Of(x);
}

/// <summary>The same in 16 bits.</summary>
internal readonly struct WordRoundingMap(WordScale scale) : IFloatMap
{
    private readonly IntegerRounding _rounding = new(StepProducts.Of(scale));

    public T Of<T>(T x) where T : struct, ILanes<T> => _rounding.Of(x);
}

/// <summary>Rounds to the steps of integers from 0 on.</summary>
internal readonly struct IntegerRounding(StepProducts steps)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Of<T>(T x) where T : struct, ILanes<T>
    {
        var (zero, least) = (T.Of(steps.ZeroPoint), T.Of(0));
        var q = T.Round(steps.Of(x)) + zero;
        // What is no number is not less than nothing, and becomes the least one.
        q = T.Min(T.WhereNotLess(q, least, q, least), T.Of(steps.Greatest));
        return (q - zero) * T.Of(steps.Step);
    }
}
