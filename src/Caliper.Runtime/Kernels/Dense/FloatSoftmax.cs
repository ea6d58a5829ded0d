using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>Softmax of rows of so many elements that lie side by side.</summary>
internal sealed record SoftmaxRows(int Length) : IDenseForm;

/// <summary>
/// <c>exp(x − max)</c> times the reciprocal of its sum along an axis, or the logarithm of that. What lies side by side is added in the 16 partial
/// sums of <see cref="FloatReductions"/>.
/// </summary>
internal static unsafe class FloatSoftmax
{
    private const int Lanes = 16;

    // Made once: a run allocates nothing.
    private static readonly MapRun Exp = FloatFunction.From(default(ExpMap)).For(KernelSet.Auto);
    private static readonly MapRun PlainExp = FloatFunction.From(default(ExpMap)).For(KernelSet.Portable);

    /// <summary>Of <paramref name="length"/> elements that lie <paramref name="inner"/> apart.</summary>
    public static DenseKernel Of(int outer, int length, int inner, bool isLog)
    {
        var bytes = checked((long)outer * length * inner * sizeof(float));
        return DenseKernel.Of(outer, (inputs, output, set, start, end) =>
        {
            for (var o = (long)start; o < end; o++)
            {
                var (x, y) = ((nint)(inputs[0] + o * length * inner), (nint)(output + o * length * inner));
                if (inner > 1) for (var i = 0; i < inner; i++) Line((float*)x + i, (float*)y + i, length, inner, isLog);
                else if (isLog) LogRow((float*)x, (float*)y, length, set);
                else Row((float*)x, (float*)y, length, set);
            }
        }, bytes, bytes).As(inner == 1 && !isLog ? new SoftmaxRows(length) : null);
    }

    /// <summary>Of a row, which may be written over itself.</summary>
    public static void Row(float* x, float* y, int length, KernelSet set)
    {
        if (FloatVectors.AreWide(set))
        {
            WideRow(x, y, length);
            return;
        }
        FloatLines.Subtract(y, x, FloatReductions.Greatest(x, length, set), length, set);
        (FloatVectors.Serve(set) ? Exp : PlainExp)(y, y, length);
        FloatLines.Multiply(y, 1 / FloatReductions.Sum(y, length, set), length, set);
    }

    /// <summary>What is no number need not be the greatest here: its exponential makes the sum none. Lanes past the end are none of the greatest and
    /// add nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideRow(float* x, float* y, int length)
    {
        var whole = length / Lanes * Lanes;
        var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(length - whole)).AsSingle();
        var least = Vector512.Create(float.NegativeInfinity);
        var (a, b) = (Avx512F.MaskLoad(x + whole, mask, least), least);
        var i = 0;
        for (; i <= whole - 2 * Lanes; i += 2 * Lanes)
            (a, b) = (Vector512.MaxNative(a, Vector512.Load(x + i)), Vector512.MaxNative(b, Vector512.Load(x + i + Lanes)));
        if (i < whole) b = Vector512.MaxNative(b, Vector512.Load(x + i));
        var greatest = Vector512.Create(Greatest(Vector512.MaxNative(a, b)));
        var sum = Vector512<float>.Zero;
        for (i = 0; i < whole; i += Lanes)
        {
            var e = ExpMap.At(new WideLanes(Vector512.Load(x + i) - greatest)).Value;
            e.Store(y + i);
            sum += e;
        }
        var last = Vector512<float>.Zero;
        if (whole < length)
        {
            last = ExpMap.At(new WideLanes(Avx512F.MaskLoad(x + whole, mask, least) - greatest)).Value;
            sum += Vector512.ConditionalSelect(mask, last, Vector512<float>.Zero);
        }
        var factor = Vector512.Create(1 / Sum(sum));
        for (i = 0; i < whole; i += Lanes) (Vector512.Load(y + i) * factor).Store(y + i);
        if (whole < length) Avx512F.MaskStore(y + whole, mask, last * factor);
    }

    private static float Greatest(Vector512<float> x)
    {
        var eight = Vector256.MaxNative(x.GetLower(), x.GetUpper());
        var four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    private static float Sum(Vector512<float> x)
    {
        var eight = x.GetLower() + x.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        four += Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return (four + Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    private static void LogRow(float* x, float* y, int length, KernelSet set)
    {
        FloatLines.Subtract(y, x, FloatReductions.Greatest(x, length, set), length, set);
        var exp = FloatVectors.Serve(set) ? Exp : PlainExp;
        var sum = 0f;
        var piece = stackalloc float[Lanes];
        for (var i = 0; i < length; i += Lanes)
        {
            var count = Math.Min(Lanes, length - i);
            exp(y + i, piece, count);
            for (var k = 0; k < count; k++) sum += piece[k];
        }
        FloatLines.Subtract(y, y, MathF.Log(sum), length, set);
    }

    private static void Line(float* x, float* y, int length, int step, bool isLog)
    {
        var max = float.NegativeInfinity;
        for (var k = 0; k < length; k++) max = MathF.Max(max, x[k * step]);
        float sum = 0;
        for (var k = 0; k < length; k++) sum += y[k * step] = ExpMap.At(new OneLane(x[k * step] - max)).Value;
        var (log, factor) = (isLog ? MathF.Log(sum) : 0, 1 / sum);
        for (var k = 0; k < length; k++) y[k * step] = isLog ? x[k * step] - max - log : y[k * step] * factor;
    }
}
