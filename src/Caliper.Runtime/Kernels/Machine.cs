using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels;

/// <summary>What this machine lacks for a family of kernels: null, or a few words.</summary>
internal static class Machine
{
    public static string? WithoutAvx512() => Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? null : "no AVX-512";

    public static string? WithoutVbmi() => Avx512Vbmi.IsSupported && Vector512.IsHardwareAccelerated ? null : "no AVX-512 VBMI";

    public static string? WithoutVector128() => Vector128.IsHardwareAccelerated ? null : "no vectors";

    public static string? WithoutAvxVnni() => AvxVnni.IsSupported ? null : "no AVX-VNNI";

    public static string? WithoutAvx2() => Avx2.IsSupported && Fma.IsSupported ? null : "no AVX2";

    /// <summary>What the processor itself lacks, whatever .NET is told to leave unused: other engines then add two products of bytes in 16 bits,
    /// where they saturate. Not on Arm.</summary>
    public static string? WithoutVnni() => !X86Base.IsSupported || HasVnni() ? null : "no VNNI";

    private static bool HasVnni()
    {
        if (X86Base.CpuId(0, 0).Eax < 7) return false;
        var (subleaves, _, ecx, _) = X86Base.CpuId(7, 0);
        const int Avx512Vnni = 1 << 11, AvxVnni = 1 << 4;
        return (ecx & Avx512Vnni) != 0 || (subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & AvxVnni) != 0);
    }

    public static string? WithoutDotProduct() => Dp.IsSupported ? null : "no Arm dot products";

    public static string? Nothing() => null;
}
