using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution;

/// <summary>
/// From the exact sum to the output: <c>q = clamp(rne(float(sum) · multiplier) + zero_point, low, high)</c>, or with
/// <see cref="GivesFloat"/> just <c>float(sum) · multiplier</c> as float32, or with <see cref="GivesSums"/> the sum itself,
/// modulo 2³², whatever the multipliers are. Then the residual, if there is one. All
/// arithmetic in float32 with the operations in exactly this order, so that every kernel gives the same bits.
/// </summary>
/// <param name="Multipliers">Of each output channel: <c>s_x·s_w/s_y</c>, or <c>s_x·s_w</c> where the result is float.</param>
/// <param name="ZeroPoint">The output byte that stands for 0.</param>
/// <param name="Low">The least byte, that of a fused Relu or Clip.</param>
/// <param name="High">The greatest byte.</param>
internal sealed record Epilogue(float[] Multipliers, byte ZeroPoint, byte Low, byte High)
{
    /// <summary>Whether the output is float32, the strides of the output then being those of floats in bytes.</summary>
    public bool GivesFloat { get; init; }

    /// <summary>Whether the output is the exact sums as int32, in the strides of floats. Never with <see cref="GivesFloat"/>.</summary>
    public bool GivesSums { get; init; }

    /// <summary>Whether an element of the output takes four bytes, not one.</summary>
    public bool IsWide => GivesFloat || GivesSums;

    /// <summary>An addition fused into the convolution, or null. Never with <see cref="IsWide"/>.</summary>
    public Residual? Residual { get; init; }

    /// <summary>The same, with its last bytes held within a range; null where it gives no bytes.</summary>
    public Epilogue? Within(ByteRange range)
    {
        if (IsWide) return null;
        var own = new ByteRange(Residual?.Low ?? Low, Residual?.High ?? High).Then(range);
        return Residual is null ? this with { Low = own.Low, High = own.High }
            : this with { Residual = Residual with { Low = own.Low, High = own.High } };
    }

    /// <summary>The sums themselves.</summary>
    public static Epilogue OfSums(int outputs) => new([.. Enumerable.Repeat(1f, outputs)], 0, 0, byte.MaxValue) { GivesSums = true };

    /// <summary>The reference: one output byte without the residual.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Requantize(int sum, float multiplier)
    {
        // Clamped as float, relative to the zero point, as vectors do it: a product beyond int32 ends at the right bound.
        var real = MathF.Min(MathF.Max(sum * multiplier, Low - ZeroPoint), High - ZeroPoint);
        return (byte)((int)MathF.Round(real, MidpointRounding.ToEven) + ZeroPoint);
    }
}

/// <summary>
/// An addition of two quantized tensors, as ONNX Runtime's x64 kernel does it:
/// <c>clamp(rne(fma(a, ratioA, fma(b, ratioB, offset))), low, high)</c> with the bytes as they are, in float32 with fused
/// multiply–adds. The operand that is added first (b, the second operand of the ONNX node) is either the convolution's own
/// byte or the other tensor's.
/// </summary>
/// <param name="OwnRatio"><c>s_own / s_sum</c>.</param>
/// <param name="OtherRatio"><c>s_other / s_sum</c>.</param>
/// <param name="Offset"><c>z_sum − (ratioA·z_a + ratioB·z_b)</c>.</param>
/// <param name="Low">The least byte of the sum.</param>
/// <param name="High">The greatest byte of the sum.</param>
internal sealed record Residual(float OwnRatio, float OtherRatio, float Offset, byte Low, byte High)
{
    /// <summary>Whether the convolution's own byte is in the inner multiply–add (it is the node's second operand).</summary>
    public bool OwnIsInner { get; init; }

    /// <summary>The reference: the sum of the convolution's byte and the other operand's.</summary>
    public byte Add(byte own, byte other)
    {
        var sum = OwnIsInner
            ? MathF.FusedMultiplyAdd(other, OtherRatio, MathF.FusedMultiplyAdd(own, OwnRatio, Offset))
            : MathF.FusedMultiplyAdd(own, OwnRatio, MathF.FusedMultiplyAdd(other, OtherRatio, Offset));
        return (byte)(int)MathF.Round(MathF.Min(MathF.Max(sum, Low), High), MidpointRounding.ToEven);
    }
}
