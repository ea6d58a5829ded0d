using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Dense;

/// <summary>As many as <see cref="Vector{T}"/> has.</summary>
internal readonly unsafe struct NativeLanes(Vector<float> value) : ILanes<NativeLanes>
{
    private readonly Vector<float> _value = value;

    public static int Count => Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Of(float value) => new(new Vector<float>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Load(float* from) => new(*(Vector<float>*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NativeLanes x, float* to) => *(Vector<float>*)to = x._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Pick(float* from, int* places)
    {
        var (x, at) = (*(Vector<float>*)(from + *places), *(Vector<int>*)places - new Vector<int>(*places));
        return new(Count switch
        {
            4 => Vector128.ShuffleNative(x.AsVector128(), at.AsVector128()).AsVector(),
            8 => Vector256.ShuffleNative(x.AsVector256(), at.AsVector256()).AsVector(),
            _ => Vector512.ShuffleNative(x.AsVector512(), at.AsVector512()).AsVector(),
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes operator +(NativeLanes a, NativeLanes b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes operator -(NativeLanes a, NativeLanes b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes operator *(NativeLanes a, NativeLanes b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes operator /(NativeLanes a, NativeLanes b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes operator -(NativeLanes x) => new(-x._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Fma(NativeLanes a, NativeLanes b, NativeLanes c) => new(Vector.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Min(NativeLanes a, NativeLanes b) => new(Vector.Min(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Max(NativeLanes a, NativeLanes b) => new(Vector.Max(a._value, b._value));

    // Of two operands, one of which is no number, x86 takes the second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Between(NativeLanes x, float least, float greatest) =>
        new(Vector.MinNative(new Vector<float>(greatest), Vector.MaxNative(new Vector<float>(least), x._value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreZeroOrBetween(NativeLanes x, float least, float greatest) =>
        Vector.LessThanOrEqualAll(x._value, new Vector<float>(greatest))
        && Vector.GreaterThanOrEqualAll(x._value, Vector.ConditionalSelect(
            Vector.Equals(x._value, Vector<float>.Zero), Vector<float>.Zero, new Vector<float>(least)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Sqrt(NativeLanes x) => new(Vector.SquareRoot(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Abs(NativeLanes x) => new(Vector.Abs(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Floor(NativeLanes x) => new(Vector.Floor(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Ceiling(NativeLanes x) => new(Vector.Ceiling(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Round(NativeLanes x) => new(Vector.Round(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes CopySign(NativeLanes x, NativeLanes sign) => new(Vector.CopySign(x._value, sign._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes WhereNotLess(NativeLanes a, NativeLanes b, NativeLanes then, NativeLanes otherwise) =>
        new(Vector.ConditionalSelect(Vector.GreaterThanOrEqual(a._value, b._value), then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeLanes Scale(NativeLanes x, NativeLanes n)
    {
        var whole = Vector.ConvertToInt32Native(n._value);
        var half = Vector.ShiftRightArithmetic(whole, 1);
        var bias = new Vector<int>(127);
        var (first, second) = (Vector.ShiftLeft(half + bias, 23), Vector.ShiftLeft(whole - half + bias, 23));
        return new(x._value * Vector.AsVectorSingle(first) * Vector.AsVectorSingle(second));
    }
}
