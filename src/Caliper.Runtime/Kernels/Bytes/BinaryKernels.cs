using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>What a quantized addition or multiplication needs to know; the formulas are at <see cref="BinaryKernels"/>.</summary>
internal readonly record struct BinaryFactors(float A, float B, float Offset, int ZeroA, int ZeroB, byte Low, byte High);

/// <summary>An operation on two runs of bytes. A step of 0 repeats the first byte of an operand.</summary>
internal unsafe delegate void BinaryKernel(byte* a, int stepA, byte* b, int stepB, byte* output, int count, in BinaryFactors factors);

/// <summary>One operation on two bytes, as each kind of vector does it.</summary>
internal interface IBinaryStep
{
    static abstract float Apply(float a, float b, in BinaryFactors f);

    static abstract Vector128<float> Apply(Vector128<float> a, Vector128<float> b, in BinaryFactors f);

    static abstract Vector256<float> Apply(Vector256<float> a, Vector256<float> b, in BinaryFactors f);

    static abstract Vector512<float> Apply(Vector512<float> a, Vector512<float> b, in BinaryFactors f);
}

/// <summary><c>fma(a, ratioA, fma(b, ratioB, offset))</c>, as ONNX Runtime's QLinearAdd on x64.</summary>
internal readonly struct AddStep : IBinaryStep
{
    public static float Apply(float a, float b, in BinaryFactors f) =>
        MathF.FusedMultiplyAdd(a, f.A, MathF.FusedMultiplyAdd(b, f.B, f.Offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> a, Vector128<float> b, in BinaryFactors f) => Vector128.FusedMultiplyAdd(
        a, Vector128.Create(f.A), Vector128.FusedMultiplyAdd(b, Vector128.Create(f.B), Vector128.Create(f.Offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> a, Vector256<float> b, in BinaryFactors f) => Vector256.FusedMultiplyAdd(
        a, Vector256.Create(f.A), Vector256.FusedMultiplyAdd(b, Vector256.Create(f.B), Vector256.Create(f.Offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, in BinaryFactors f) => Vector512.FusedMultiplyAdd(
        a, Vector512.Create(f.A), Vector512.FusedMultiplyAdd(b, Vector512.Create(f.B), Vector512.Create(f.Offset)));
}

/// <summary><c>(a − z_a)·(b − z_b) · ratio + z</c>, rounded after the product, as ONNX Runtime's QLinearMul. The product of
/// the two differences has at most 17 bits, so that float32 holds it exactly.</summary>
internal readonly struct MultiplyStep : IBinaryStep
{
    public static float Apply(float a, float b, in BinaryFactors f) => (a - f.ZeroA) * (b - f.ZeroB) * f.A + f.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> a, Vector128<float> b, in BinaryFactors f) =>
        (a - Vector128.Create((float)f.ZeroA)) * (b - Vector128.Create((float)f.ZeroB)) * Vector128.Create(f.A) + Vector128.Create(f.Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> a, Vector256<float> b, in BinaryFactors f) =>
        (a - Vector256.Create((float)f.ZeroA)) * (b - Vector256.Create((float)f.ZeroB)) * Vector256.Create(f.A) + Vector256.Create(f.Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, in BinaryFactors f) =>
        (a - Vector512.Create((float)f.ZeroA)) * (b - Vector512.Create((float)f.ZeroB)) * Vector512.Create(f.A) + Vector512.Create(f.Offset);
}

/// <summary>Quantized addition and multiplication: <c>rne(clamp(step, low, high))</c>.</summary>
internal static unsafe class BinaryKernels
{
    public static KernelTable<BinaryKernel> Add { get; } = TableOf<AddStep>("add");

    public static KernelTable<BinaryKernel> Multiply { get; } = TableOf<MultiplyStep>("multiply");

    private static KernelTable<BinaryKernel> TableOf<TStep>(string name) where TStep : struct, IBinaryStep => new(name,
        new("vector512", KernelSet.Assembled, Machine.WithoutAvx512, Wide<TStep>),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, Middle<TStep>),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow<TStep>),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable<TStep>));

    private static void Portable<TStep>(byte* a, int stepA, byte* b, int stepB, byte* output, int count, in BinaryFactors factors)
        where TStep : struct, IBinaryStep
    {
        for (var i = 0; i < count; i++)
        {
            var real = MathF.Min(MathF.Max(TStep.Apply(a[i * stepA], b[i * stepB], factors), factors.Low), factors.High);
            output[i] = (byte)(int)MathF.Round(real, MidpointRounding.ToEven);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<TStep>(byte* a, int stepA, byte* b, int stepB, byte* output, int count, in BinaryFactors factors)
        where TStep : struct, IBinaryStep
    {
        var (low, high) = (Vector128.Create((float)factors.Low), Vector128.Create((float)factors.High));
        var f = factors;
        var i = 0;
        if (stepA <= 1 && stepB <= 1)
        {
            for (; i <= count - 16; i += 16)
            {
                var (a0, a1, a2, a3) = Widen128(stepA == 0 ? Vector128.Create(*a) : Vector128.Load(a + i));
                var (b0, b1, b2, b3) = Widen128(stepB == 0 ? Vector128.Create(*b) : Vector128.Load(b + i));
                var first = Vector128.Narrow(Step(a0, b0), Step(a1, b1));
                Vector128.Narrow(first, Vector128.Narrow(Step(a2, b2), Step(a3, b3))).Store(output + i);
            }
        }
        Portable<TStep>(a + i * stepA, stepA, b + i * stepB, stepB, output + i, count - i, factors);

        Vector128<uint> Step(Vector128<float> x, Vector128<float> y) => Vector128.ConvertToInt32(Vector128.Round(
            Vector128.Min(Vector128.Max(TStep.Apply(x, y, f), low), high))).AsUInt32();
    }

    /// <summary>The conversion rounds half to even, and packing cuts off nothing but what is no number, which becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Middle<TStep>(byte* a, int stepA, byte* b, int stepB, byte* output, int count, in BinaryFactors factors)
        where TStep : struct, IBinaryStep
    {
        var (low, high) = (Vector256.Create((float)factors.Low), Vector256.Create((float)factors.High));
        var f = factors;
        var i = 0;
        if (stepA <= 1 && stepB <= 1)
        {
            var (firstA, firstB) = (Vector256.Create((float)*a), Vector256.Create((float)*b));
            for (; i <= count - 32; i += 32) PackedBytes.Of(Step(i), Step(i + 8), Step(i + 16), Step(i + 24)).Store(output + i);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            Vector256<int> Step(int at)
            {
                var x = stepA == 0 ? firstA : Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(a + at));
                var y = stepB == 0 ? firstB : Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(b + at));
                return Avx.ConvertToVector256Int32(Vector256.MinNative(high, Vector256.MaxNative(low, TStep.Apply(x, y, f))));
            }
        }
        Narrow<TStep>(a + i * stepA, stepA, b + i * stepB, stepB, output + i, count - i, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TStep>(byte* a, int stepA, byte* b, int stepB, byte* output, int count, in BinaryFactors factors)
        where TStep : struct, IBinaryStep
    {
        var (low, high) = (Vector512.Create((float)factors.Low), Vector512.Create((float)factors.High));
        var f = factors;
        var i = 0;
        if (stepA <= 1 && stepB <= 1)
        {
            for (; i <= count - 64; i += 64)
            {
                for (var part = 0; part < 64; part += 16)
                {
                    var x = Widen512(stepA == 0 ? Vector128.Create(*a) : Vector128.Load(a + i + part));
                    var y = Widen512(stepB == 0 ? Vector128.Create(*b) : Vector128.Load(b + i + part));
                    var q = Vector512.ConvertToInt32Native(Vector512.Round(
                        Vector512.Min(Vector512.Max(TStep.Apply(x, y, f), low), high)));
                    Avx512F.ConvertToVector128Byte(q).Store(output + i + part);
                }
            }
        }
        Narrow<TStep>(a + i * stepA, stepA, b + i * stepB, stepB, output + i, count - i, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen512(Vector128<byte> bytes) =>
        Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float>, Vector128<float>, Vector128<float>, Vector128<float>) Widen128(Vector128<byte> bytes)
    {
        var (low, high) = Vector128.Widen(bytes);
        var (q0, q1) = Vector128.Widen(low);
        var (q2, q3) = Vector128.Widen(high);
        return (Vector128.ConvertToSingle(q0.AsInt32()), Vector128.ConvertToSingle(q1.AsInt32()),
            Vector128.ConvertToSingle(q2.AsInt32()), Vector128.ConvertToSingle(q3.AsInt32()));
    }
}
