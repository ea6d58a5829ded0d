using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>Sixteen, for processors with vectors of 512 bits.</summary>
internal readonly unsafe struct WideLanes(Vector512<float> value) : ILanes<WideLanes>
{
    private readonly Vector512<float> _value = value;

    /// <summary>The vector.</summary>
    public Vector512<float> Value => _value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(WideLanes x, float* to) => x._value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Pick(float* from, int* places) =>
        new(Vector512.ShuffleNative(Vector512.Load(from + *places), Vector512.Load(places) - Vector512.Create(*places)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator +(WideLanes a, WideLanes b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes a, WideLanes b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator *(WideLanes a, WideLanes b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator /(WideLanes a, WideLanes b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes x) => new(-x._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Fma(WideLanes a, WideLanes b, WideLanes c) => new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Min(WideLanes a, WideLanes b) => new(Vector512.Min(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Max(WideLanes a, WideLanes b) => new(Vector512.Max(a._value, b._value));

    // Of two operands, one of which is no number, x86 takes the second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Between(WideLanes x, float least, float greatest) =>
        new(Vector512.MinNative(Vector512.Create(greatest), Vector512.MaxNative(Vector512.Create(least), x._value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreZeroOrBetween(WideLanes x, float least, float greatest) =>
        Vector512.LessThanOrEqualAll(x._value, Vector512.Create(greatest))
        && Vector512.GreaterThanOrEqualAll(x._value, Vector512.ConditionalSelect(
            Vector512.Equals(x._value, Vector512<float>.Zero), Vector512<float>.Zero, Vector512.Create(least)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Sqrt(WideLanes x) => new(Vector512.Sqrt(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Abs(WideLanes x) => new(Vector512.Abs(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Floor(WideLanes x) => new(Vector512.Floor(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Ceiling(WideLanes x) => new(Vector512.Ceiling(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Round(WideLanes x) => new(Vector512.Round(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes CopySign(WideLanes x, WideLanes sign) => new(Vector512.CopySign(x._value, sign._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes WhereNotLess(WideLanes a, WideLanes b, WideLanes then, WideLanes otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(a._value, b._value), then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Scale(WideLanes x, WideLanes n) => new(Avx512F.Scale(x._value, n._value));
}
