using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>A function of two elements.</summary>
internal interface IPair<TA, TB, TY>
{
    /// <summary>The result.</summary>
    static abstract TY Of(TA a, TB b);
}

internal readonly struct AddPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => unchecked(a + b);
}

internal readonly struct SubPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => unchecked(a - b);
}

internal readonly struct MulPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => unchecked(a * b);
}

/// <summary>The quotient, cut off. What has none, by zero, is 0: the standard does not say.</summary>
internal readonly struct DivPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    // The least number has no opposite: it stays what it is, as in two's complement.
    public static T Of(T a, T b) => T.IsZero(b) ? T.Zero : b == -T.One ? unchecked(T.Zero - a) : a / b;
}

/// <summary>The remainder with the sign of the divisor.</summary>
internal readonly struct ModPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b)
    {
        if (T.IsZero(b) || b == -T.One) return T.Zero;
        var rest = a % b;
        return !T.IsZero(rest) && T.IsNegative(rest) != T.IsNegative(b) ? rest + b : rest;
    }
}

internal readonly struct MinPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.Min(a, b);
}

internal readonly struct MaxPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.Max(a, b);
}

internal readonly struct EqualPair<T> : IPair<T, T, byte> where T : INumber<T>
{
    public static byte Of(T a, T b) => a == b ? (byte)1 : (byte)0;
}

internal readonly struct LessPair<T> : IPair<T, T, byte> where T : INumber<T>
{
    public static byte Of(T a, T b) => a < b ? (byte)1 : (byte)0;
}

internal readonly struct LessOrEqualPair<T> : IPair<T, T, byte> where T : INumber<T>
{
    public static byte Of(T a, T b) => a <= b ? (byte)1 : (byte)0;
}

internal readonly struct GreaterPair<T> : IPair<T, T, byte> where T : INumber<T>
{
    public static byte Of(T a, T b) => a > b ? (byte)1 : (byte)0;
}

internal readonly struct GreaterOrEqualPair<T> : IPair<T, T, byte> where T : INumber<T>
{
    public static byte Of(T a, T b) => a >= b ? (byte)1 : (byte)0;
}

/// <summary>Both are true; every byte but 0 is.</summary>
internal readonly struct AndPair : IPair<byte, byte, byte>
{
    public static byte Of(byte a, byte b) => a != 0 && b != 0 ? (byte)1 : (byte)0;
}

internal readonly struct OrPair : IPair<byte, byte, byte>
{
    public static byte Of(byte a, byte b) => a != 0 || b != 0 ? (byte)1 : (byte)0;
}

internal readonly struct XorPair : IPair<byte, byte, byte>
{
    public static byte Of(byte a, byte b) => (a != 0) != (b != 0) ? (byte)1 : (byte)0;
}
