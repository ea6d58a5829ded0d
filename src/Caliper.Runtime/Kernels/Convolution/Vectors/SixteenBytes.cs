using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue of sixteen channels by AVX2: <see cref="Epilogue.Requantize"/>, with all constants in vectors.</summary>
internal readonly unsafe struct SixteenBytes(Epilogue epilogue, float* multipliers)
{
    /// <summary>Sixteen.</summary>
    public const int Channels = 16;

    private readonly Vector256<float> _first = Vector256.Load(multipliers), _second = Vector256.Load(multipliers + 8);
    private readonly Vector256<float> _low = Vector256.Create((float)(epilogue.Low - epilogue.ZeroPoint));
    private readonly Vector256<float> _high = Vector256.Create((float)(epilogue.High - epilogue.ZeroPoint));
    private readonly Vector256<short> _zero = Vector256.Create((short)epilogue.ZeroPoint);

    /// <summary>The bytes of a pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<byte> Of(int* sums)
    {
        // The conversion rounds half to even.
        var (a, b) = (Avx.ConvertToVector256Int32(Real(sums, _first)), Avx.ConvertToVector256Int32(Real(sums + 8, _second)));
        return Packed(Avx2.PackSignedSaturate(a, b) + _zero);
    }

    /// <summary>The bytes of a pixel after an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<byte> Of(int* sums, in ResidualSums addition, Vector128<byte> other)
    {
        var a = addition.Of(Avx.RoundToNearestInteger(Real(sums, _first)), other);
        var b = addition.Of(Avx.RoundToNearestInteger(Real(sums + 8, _second)), Vector128.Shuffle(other.AsInt64(), Vector128.Create(1, 1)).AsByte());
        return Packed(Avx2.PackSignedSaturate(a, b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Real(int* sums, Vector256<float> multipliers) =>
        Avx.Min(Avx.Max(Vector256.ConvertToSingle(Vector256.Load(sums)) * multipliers, _low), _high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Packed(Vector256<short> words) => PackedBytes.Ordered(Avx2.PackUnsignedSaturate(words, words)).GetLower();
}

/// <summary><see cref="Residual.Add"/> of eight channels at a time.</summary>
internal readonly unsafe struct ResidualSums(Residual residual, byte zeroPoint)
{
    private readonly Vector256<float> _zero = Vector256.Create((float)zeroPoint), _offset = Vector256.Create(residual.Offset);
    private readonly Vector256<float> _own = Vector256.Create(residual.OwnRatio), _other = Vector256.Create(residual.OtherRatio);
    private readonly Vector256<float> _low = Vector256.Create((float)residual.Low), _high = Vector256.Create((float)residual.High);
    private readonly bool _ownIsInner = residual.OwnIsInner;

    /// <summary>The sums of own bytes, less their zero point, and the first eight others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> Of(Vector256<float> own, Vector128<byte> bytes)
    {
        var other = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes));
        var sum = _ownIsInner ? Fma.MultiplyAdd(other, _other, Fma.MultiplyAdd(own + _zero, _own, _offset))
            : Fma.MultiplyAdd(own + _zero, _own, Fma.MultiplyAdd(other, _other, _offset));
        return Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(sum, _low), _high));
    }
}
