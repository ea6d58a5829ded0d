namespace Caliper;

/// <summary>Which kernels an <c>Int8Session</c> computes with. All give the same bits; they differ in speed only.</summary>
public enum KernelSet
{
    /// <summary>The fastest that this machine runs, for each layer.</summary>
    Auto,

    /// <summary>x64 code assembled at run time for tiles (AMX-INT8); layers that vectors do faster take the next in line.</summary>
    Amx,

    /// <summary>x64 code assembled at run time for AVX-512 VNNI; layers it has no code for take the next in line.</summary>
    Assembled,

    /// <summary>x64 intrinsics with 256-bit dot products (AVX-VNNI).</summary>
    AvxVnni,

    /// <summary>x64 intrinsics of AVX2, products widened to 16 bits so that nothing saturates.</summary>
    Avx2,

    /// <summary>Arm intrinsics with dot products (AdvSimd and Dp); elsewhere whatever vectors of 128 bits there are, as in WebAssembly.</summary>
    AdvSimd,

    /// <summary>Plain C#: the reference that all others must equal.</summary>
    Portable,
}
