using System.Runtime.InteropServices;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>Arithmetic in which every lane is computed from the lanes beside it alone.</summary>
internal static class LaneInstructions
{
    public static IEnumerable<KnownInstruction> All =>
    [
        new(Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, Binary<int>((a, b) => a ^ b)),
        new(Code.EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32, Binary<int>((a, b) => unchecked(a + b))),
        new(Code.EVEX_Vpslld_zmm_k1z_zmmm512b32_imm8, (p, in i) => Shift(p, i, (lane, bits) => lane << bits)),
        new(Code.EVEX_Vpsrld_zmm_k1z_zmmm512b32_imm8, (p, in i) => Shift(p, i, (lane, bits) => lane >> bits)),
        new(Code.EVEX_Vpaddsw_zmm_k1z_zmm_zmmm512,
            Binary<short>((a, b) => (short)Math.Clamp(a + b, short.MinValue, short.MaxValue))),
        new(Code.EVEX_Vpmaxub_zmm_k1z_zmm_zmmm512, Binary<byte>(Math.Max)),
        new(Code.EVEX_Vpminub_zmm_k1z_zmm_zmmm512, Binary<byte>(Math.Min)),
        new(Code.EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er, Binary<float>((a, b) => a + b)),
        new(Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, Binary<float>((a, b) => a * b)),
        // Of numbers that do not compare, the second.
        new(Code.EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae, Binary<float>((a, b) => a > b ? a : b)),
        new(Code.EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae, Binary<float>((a, b) => a < b ? a : b)),
        new(Code.EVEX_Vfmadd132ps_zmm_k1z_zmm_zmmm512b32_er,
            Ternary<float>((own, left, right) => MathF.FusedMultiplyAdd(own, right, left))),
        new(Code.EVEX_Vfmadd213ps_zmm_k1z_zmm_zmmm512b32_er,
            Ternary<float>((own, left, right) => MathF.FusedMultiplyAdd(own, left, right))),
        new(Code.EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er,
            Ternary<float>((own, left, right) => MathF.FusedMultiplyAdd(left, right, own))),
        new(Code.EVEX_Vpdpbusd_zmm_k1z_zmm_zmmm512b32, Ternary<int>(AddProducts)),
        new(Code.EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er, Unary<int, float>(a => a)),
        new(Code.EVEX_Vcvtps2dq_zmm_k1z_zmmm512b32_er, Unary<float, int>(ToInteger)),
        new(Code.EVEX_Vrndscaleps_zmm_k1z_zmmm512b32_imm8_sae, Round),
    ];

    /// <summary>Four products of an unsigned and a signed byte, added to a number modulo 2³².</summary>
    public static int AddProducts(int sum, int unsignedBytes, int signedBytes)
    {
        for (var at = 0; at < 32; at += 8) sum = unchecked(sum + (byte)(unsignedBytes >> at) * (sbyte)(signedBytes >> at));
        return sum;
    }

    // Half to even; what does not fit is the least number.
    private static int ToInteger(float number)
    {
        var whole = MathF.Round(number, MidpointRounding.ToEven);
        return whole is >= int.MinValue and < -(float)int.MinValue ? (int)whole : int.MinValue;
    }

    private static void Round(SimulatedProcessor processor, in Instruction instruction)
    {
        if (instruction.Immediate8 != 8) throw new SimulationException($"The simulator does not round as '{instruction}' does.");
        Unary<float, float>(a => MathF.Round(a, MidpointRounding.ToEven))(processor, instruction);
    }

    private static void Shift(SimulatedProcessor processor, in Instruction instruction, Func<uint, int, uint> shifted)
    {
        var bits = instruction.Immediate8;
        Unary<uint, uint>(lane => shifted(lane, bits))(processor, instruction);
    }

    private static Execute Unary<T, TResult>(Func<T, TResult> lane) where T : unmanaged where TResult : unmanaged => (processor, in instruction) =>
    {
        Span<byte> bytes = stackalloc byte[instruction.Op0Register.GetSize()];
        var source = MemoryMarshal.Cast<byte, T>(processor.Source(instruction, 1, bytes.Length));
        var result = MemoryMarshal.Cast<byte, TResult>(bytes);
        for (var i = 0; i < result.Length; i++) result[i] = lane(source[i]);
        processor.SetVector(instruction.Op0Register, bytes);
    };

    private static Execute Binary<T>(Func<T, T, T> lane) where T : unmanaged => Ternary<T>((_, left, right) => lane(left, right));

    private static Execute Ternary<T>(Func<T, T, T, T> lane) where T : unmanaged => (processor, in instruction) =>
    {
        Span<byte> bytes = stackalloc byte[instruction.Op0Register.GetSize()];
        processor.Vector(instruction.Op0Register).CopyTo(bytes);
        var left = MemoryMarshal.Cast<byte, T>(processor.Source(instruction, 1, bytes.Length));
        var right = MemoryMarshal.Cast<byte, T>(processor.Source(instruction, 2, bytes.Length));
        var result = MemoryMarshal.Cast<byte, T>(bytes);
        for (var i = 0; i < result.Length; i++) result[i] = lane(result[i], left[i], right[i]);
        processor.SetVector(instruction.Op0Register, bytes);
    };
}
