using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Products;

/// <summary>From exact sums to a row of the result: <c>clamp(rne(float(sum) · multiplier) + zero_point)</c>, or <c>float(sum) · multiplier</c>,
/// or the sums.</summary>
internal static unsafe class ProductResult
{
    /// <summary>Writes a row. Where its length is no multiple of a vector's, the last vector overlaps the one before it.</summary>
    /// <param name="sums">The sums of a row, but for what is the same in all of them.</param>
    /// <param name="own">What is the same in all of them.</param>
    /// <param name="output">Its first element.</param>
    /// <param name="step">Bytes from an element to the next.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="form">What becomes of them.</param>
    public static void Write(int* sums, int own, byte* output, long step, int count, ProductForm form)
    {
        var bytes = form.Result is EngineType.Byte;
        if (step != form.ResultSize || count < (bytes ? 16 : 8)) WriteOneByOne(sums, own, output, step, count, form);
        else if (!bytes) WriteWide(sums, own, (float*)output, count, form);
        else if (Vector512.IsHardwareAccelerated) WriteBytes512(sums, own, output, count, form);
        else WriteBytes(sums, own, output, count, form);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteWide(int* sums, int own, float* output, int count, ProductForm form)
    {
        var (multiplier, owns) = (Vector256.Create(form.Multiplier), Vector256.Create(own));
        for (var done = 0; done < count; done += 8)
        {
            var i = Math.Min(done, count - 8);
            var sum = Vector256.Load(sums + i) + owns;
            var result = form.Result is EngineType.Int32 ? sum.AsSingle() : Vector256.ConvertToSingle(sum) * multiplier;
            result.Store(output + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBytes512(int* sums, int own, byte* output, int count, ProductForm form)
    {
        var (multiplier, owns, zero) = (Vector512.Create(form.Multiplier), Vector512.Create(own), Vector512.Create((int)form.ZeroPoint));
        var low = Vector512.Create((float)(form.Range.Low - form.ZeroPoint));
        var high = Vector512.Create((float)(form.Range.High - form.ZeroPoint));
        for (var done = 0; done < count; done += 16)
        {
            var i = Math.Min(done, count - 16);
            var real = Vector512.ConvertToSingle(Vector512.Load(sums + i) + owns) * multiplier;
            // Conversion rounds half to even.
            var level = Avx512F.ConvertToVector512Int32(Vector512.Min(Vector512.Max(real, low), high)) + zero;
            Avx512F.ConvertToVector128Byte(level).Store(output + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBytes(int* sums, int own, byte* output, int count, ProductForm form)
    {
        var (multiplier, owns, zero) = (Vector256.Create(form.Multiplier), Vector256.Create(own), Vector256.Create((int)form.ZeroPoint));
        var low = Vector256.Create((float)(form.Range.Low - form.ZeroPoint));
        var high = Vector256.Create((float)(form.Range.High - form.ZeroPoint));
        for (var done = 0; done < count; done += 16)
        {
            var i = Math.Min(done, count - 16);
            var words = Vector256.Narrow(Level(sums + i), Level(sums + i + 8));
            Vector128.Narrow(words.GetLower(), words.GetUpper()).Store(output + i);
        }

        Vector256<uint> Level(int* at) => (Vector256.ConvertToInt32(Vector256.Round(Vector256.Min(Vector256.Max(
            Vector256.ConvertToSingle(Vector256.Load(at) + owns) * multiplier, low), high))) + zero).AsUInt32();
    }

    /// <summary>The definition.</summary>
    public static void WriteOneByOne(int* sums, int own, byte* output, long step, int count, ProductForm form)
    {
        for (var i = 0; i < count; i++)
        {
            var (at, sum) = ((nint)(output + i * step), unchecked(sums[i] + own));
            if (form.Result is EngineType.Int32) *(int*)at = sum;
            else if (form.Result is EngineType.Float) *(float*)at = sum * form.Multiplier;
            else
            {
                var real = MathF.Min(MathF.Max(sum * form.Multiplier, form.Range.Low - form.ZeroPoint), form.Range.High - form.ZeroPoint);
                *(byte*)at = (byte)((int)MathF.Round(real, MidpointRounding.ToEven) + form.ZeroPoint);
            }
        }
    }
}
