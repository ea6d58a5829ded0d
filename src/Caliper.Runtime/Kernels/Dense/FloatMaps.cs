using System.Numerics;

namespace Caliper.Kernels.Dense;

internal readonly struct ReluMap : IFloatMap
{
    public float Of(float x) => MathF.Max(x, 0);

    public Vector<float> Of(Vector<float> x) => Vector.Max(x, Vector<float>.Zero);
}

/// <summary>Cut off below and above.</summary>
internal readonly struct ClipMap(float min, float max) : IFloatMap
{
    public float Of(float x) => MathF.Min(MathF.Max(x, min), max);

    public Vector<float> Of(Vector<float> x) => Vector.Min(Vector.Max(x, new Vector<float>(min)), new Vector<float>(max));
}

/// <summary>x, and below zero a share of it.</summary>
internal readonly struct LeakyReluMap(float alpha) : IFloatMap
{
    public float Of(float x) => x >= 0 ? x : alpha * x;

    public Vector<float> Of(Vector<float> x) =>
        Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), x, new Vector<float>(alpha) * x);
}

internal readonly struct HardSigmoidMap(float alpha, float beta) : IFloatMap
{
    public float Of(float x) => MathF.Max(0, MathF.Min(1, alpha * x + beta));

    public Vector<float> Of(Vector<float> x) =>
        Vector.Max(Vector<float>.Zero, Vector.Min(Vector<float>.One, new Vector<float>(alpha) * x + new Vector<float>(beta)));
}

internal readonly struct HardSwishMap : IFloatMap
{
    public float Of(float x) => x * MathF.Max(0, MathF.Min(1, x * (1f / 6) + 0.5f));

    public Vector<float> Of(Vector<float> x) =>
        x * Vector.Max(Vector<float>.Zero, Vector.Min(Vector<float>.One, x * new Vector<float>(1f / 6) + new Vector<float>(0.5f)));
}

internal readonly struct AbsMap : IFloatMap
{
    public float Of(float x) => MathF.Abs(x);

    public Vector<float> Of(Vector<float> x) => Vector.Abs(x);
}

internal readonly struct NegMap : IFloatMap
{
    public float Of(float x) => -x;

    public Vector<float> Of(Vector<float> x) => -x;
}

internal readonly struct SqrtMap : IFloatMap
{
    public float Of(float x) => MathF.Sqrt(x);

    public Vector<float> Of(Vector<float> x) => Vector.SquareRoot(x);
}

internal readonly struct ReciprocalMap : IFloatMap
{
    public float Of(float x) => 1 / x;

    public Vector<float> Of(Vector<float> x) => Vector<float>.One / x;
}

internal readonly struct FloorMap : IFloatMap
{
    public float Of(float x) => MathF.Floor(x);

    public Vector<float> Of(Vector<float> x) => Vector.Floor(x);
}

internal readonly struct CeilMap : IFloatMap
{
    public float Of(float x) => MathF.Ceiling(x);

    public Vector<float> Of(Vector<float> x) => Vector.Ceiling(x);
}

/// <summary>To the nearest whole number, ties to the even one.</summary>
internal readonly struct RoundMap : IFloatMap
{
    public float Of(float x) => MathF.Round(x, MidpointRounding.ToEven);

    public Vector<float> Of(Vector<float> x) => Vector.Round(x, MidpointRounding.ToEven);
}

internal readonly struct SquareMap : IFloatMap
{
    public float Of(float x) => x * x;

    public Vector<float> Of(Vector<float> x) => x * x;
}

internal readonly struct AddZip : IFloatZip
{
    public float Of(float a, float b) => a + b;

    public Vector<float> Of(Vector<float> a, Vector<float> b) => a + b;
}

internal readonly struct SubZip : IFloatZip
{
    public float Of(float a, float b) => a - b;

    public Vector<float> Of(Vector<float> a, Vector<float> b) => a - b;
}

internal readonly struct MulZip : IFloatZip
{
    public float Of(float a, float b) => a * b;

    public Vector<float> Of(Vector<float> a, Vector<float> b) => a * b;
}

internal readonly struct DivZip : IFloatZip
{
    public float Of(float a, float b) => a / b;

    public Vector<float> Of(Vector<float> a, Vector<float> b) => a / b;
}

internal readonly struct MinZip : IFloatZip
{
    public float Of(float a, float b) => MathF.Min(a, b);

    public Vector<float> Of(Vector<float> a, Vector<float> b) => Vector.Min(a, b);
}

internal readonly struct MaxZip : IFloatZip
{
    public float Of(float a, float b) => MathF.Max(a, b);

    public Vector<float> Of(Vector<float> a, Vector<float> b) => Vector.Max(a, b);
}

/// <summary>x, and below zero x times a slope.</summary>
internal readonly struct PReluZip : IFloatZip
{
    public float Of(float x, float slope) => x >= 0 ? x : slope * x;

    public Vector<float> Of(Vector<float> x, Vector<float> slope) =>
        Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), x, slope * x);
}
