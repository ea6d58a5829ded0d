using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Assembly;

/// <summary>
/// Whether code for the tile unit (AMX-INT8) can be assembled here, and why not. Its registers are large, so a process has to ask the
/// operating system before it uses them; that is done once, and all threads may use them then.
/// </summary>
internal static partial class TileUnit
{
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    /// <summary>Why no code for tiles can be assembled here, or null where it can.</summary>
    public static string? WhyNot => AssembledCode.WhyNot ?? Obstacle.Value;

    /// <summary>True where code for tiles can be assembled and run.</summary>
    public static bool IsSupported => WhyNot is null;

    /// <summary>Whether the processor has the instructions, whatever the operating system says.</summary>
    public static bool HasInstructions
    {
        get
        {
            if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7) return false;
            const int AmxTile = 1 << 24, AmxInt8 = 1 << 25, Needed = AmxTile | AmxInt8;
            return (X86Base.CpuId(7, 0).Edx & Needed) == Needed;
        }
    }

    private static string? FindObstacle()
    {
        if (!HasInstructions) return "no AMX-INT8";
        try
        {
            return Ask() ? null : "the operating system does not give AMX to this process";
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return "the operating system does not know AMX";
        }
    }

    private const int TileData = 18;

    // Linux: arch_prctl(ARCH_REQ_XCOMP_PERM, feature); the C library has no function of its own for it.
    private static bool Ask() => OperatingSystem.IsWindows()
        ? EnableProcessOptionalXStateFeatures(1ul << TileData)
        : SystemCall(number: 158, 0x1023, TileData) == 0;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint code, nint argument);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool EnableProcessOptionalXStateFeatures(ulong features);
}
