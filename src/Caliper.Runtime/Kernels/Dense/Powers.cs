using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>A whole number raised to another, exactly: what does not fit wraps around, and what is less than 1 is cut off to 0.</summary>
internal readonly struct PowerPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b)
    {
        if (T.IsNegative(b)) return a == T.One || a == -T.One && T.IsEvenInteger(b) ? T.One : a == -T.One ? a : T.Zero;
        var result = T.One;
        for (; !T.IsZero(b); b >>= 1, a = unchecked(a * a))
            if (T.IsOddInteger(b)) result = unchecked(result * a);
        return result;
    }
}

/// <summary>A whole number raised to a float, cut off to a whole number.</summary>
internal readonly struct RealPowerPair<T> : IPair<T, float, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, float b) => T.CreateSaturating(Math.Pow(double.CreateChecked(a), b));
}

/// <summary>The remainder with the sign of the dividend.</summary>
internal readonly struct RestPair<T> : IPair<T, T, T> where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.IsZero(b) || b == -T.One ? T.Zero : a % b;
}
