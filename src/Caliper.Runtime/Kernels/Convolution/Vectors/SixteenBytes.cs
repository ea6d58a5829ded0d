using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue of sixteen channels by AVX2: <see cref="Epilogue.Requantize"/>, with all constants in vectors.</summary>
internal readonly unsafe struct SixteenBytes(Epilogue epilogue, float* multipliers)
{
    private readonly Vector256<float> _first = Vector256.Load(multipliers), _second = Vector256.Load(multipliers + 8);
    private readonly Vector256<float> _low = Vector256.Create((float)(epilogue.Low - epilogue.ZeroPoint));
    private readonly Vector256<float> _high = Vector256.Create((float)(epilogue.High - epilogue.ZeroPoint));
    private readonly Vector256<short> _zero = Vector256.Create((short)epilogue.ZeroPoint);

    /// <summary>Writes the bytes of a pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector256<int> first, Vector256<int> second, byte* output)
    {
        // The conversion rounds half to even.
        var (a, b) = (Avx.ConvertToVector256Int32(Real(first, _first)), Avx.ConvertToVector256Int32(Real(second, _second)));
        Store(Avx2.PackSignedSaturate(a, b) + _zero, output);
    }

    /// <summary>Writes the bytes of a pixel after an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(Vector256<int> first, Vector256<int> second, in ResidualSums addition, byte* output, byte* residual)
    {
        var a = addition.Of(Avx.RoundToNearestInteger(Real(first, _first)), residual);
        var b = addition.Of(Avx.RoundToNearestInteger(Real(second, _second)), residual + 8);
        Store(Avx2.PackSignedSaturate(a, b), output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Real(Vector256<int> sums, Vector256<float> multipliers) =>
        Avx.Min(Avx.Max(Vector256.ConvertToSingle(sums) * multipliers, _low), _high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> words, byte* output) =>
        PackedBytes.Ordered(Avx2.PackUnsignedSaturate(words, words)).GetLower().Store(output);
}

/// <summary><see cref="Residual.Add"/> of eight channels at a time.</summary>
internal readonly unsafe struct ResidualSums(Residual residual, byte zeroPoint)
{
    private readonly Vector256<float> _zero = Vector256.Create((float)zeroPoint), _offset = Vector256.Create(residual.Offset);
    private readonly Vector256<float> _own = Vector256.Create(residual.OwnRatio), _other = Vector256.Create(residual.OtherRatio);
    private readonly Vector256<float> _low = Vector256.Create((float)residual.Low), _high = Vector256.Create((float)residual.High);
    private readonly bool _ownIsInner = residual.OwnIsInner;

    /// <summary>The sums of own bytes, less their zero point, and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> Of(Vector256<float> own, byte* residual)
    {
        var other = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(residual));
        var sum = _ownIsInner ? Fma.MultiplyAdd(other, _other, Fma.MultiplyAdd(own + _zero, _own, _offset))
            : Fma.MultiplyAdd(own + _zero, _own, Fma.MultiplyAdd(other, _other, _offset));
        return Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(sum, _low), _high));
    }
}
