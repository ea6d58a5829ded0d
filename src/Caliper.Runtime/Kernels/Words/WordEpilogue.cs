using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Words;

/// <summary>What a layer of words gives.</summary>
internal enum WordResult
{
    /// <summary>Float32.</summary>
    Floats,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Words, their upper and lower bytes apart.</summary>
    Words,
}

/// <summary>
/// From the exact sums of both passes to the output: <c>real = fma(float(256·high + low), multiplier, offset)</c>, the sum of the passes
/// exact and rounded to float32 once, the product and the offset together once more; and where integers are wanted
/// <c>clamp(rne(real) + zero_point, low, high)</c>.
/// </summary>
/// <param name="Result">What is written.</param>
/// <param name="Multipliers">Of each output channel: <c>s_x·s_w</c>, divided by <c>s_y</c> for integers.</param>
/// <param name="Offsets">Of each output channel: the bias, divided by <c>s_y</c> for integers.</param>
/// <param name="ZeroPoint">The integer that stands for 0.</param>
/// <param name="Least">The least integer.</param>
/// <param name="Greatest">The greatest.</param>
internal sealed record WordEpilogue(WordResult Result, float[] Multipliers, float[] Offsets, int ZeroPoint, int Least, int Greatest)
{
    /// <summary>Bytes of an element of one output tensor.</summary>
    public int ElementSize => Result is WordResult.Floats ? sizeof(float) : 1;

    /// <summary>The reference: the real number, in steps of the output where that is integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Real(int high, int low, float multiplier, float offset) =>
        MathF.FusedMultiplyAdd(256L * high + low, multiplier, offset);

    /// <summary>The reference: the integer of a real number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Integer(float real, int zeroPoint, int least, int greatest) =>
        (int)MathF.Round(MathF.Min(MathF.Max(real, least - zeroPoint), greatest - zeroPoint), MidpointRounding.ToEven) + zeroPoint;

    /// <summary>Those of some channels.</summary>
    public WordEpilogue Slice(int first, int count) =>
        this with { Multipliers = Multipliers[first..(first + count)], Offsets = Offsets[first..(first + count)] };
}
