using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Assembly;

/// <summary>
/// Whether kernels may be assembled at run time here, and why not. What is asked, in this order: the switch, the operating
/// system, the processor, the registers that the operating system saves, and whether pages may be executed at all.
/// </summary>
internal static unsafe class AssembledCode
{
    /// <summary>The AppContext switch (also a runtime option of a project file) that turns assembled code off.</summary>
    public const string DisablingSwitch = "Caliper.DisableAssembledCode";

    /// <summary>What that switch was called before; those who have it in a file keep what they asked for.</summary>
    public const string FormerSwitch = "Caliper.DisableJit";

    // The processor and the policies do not change while the process runs; the switch may.
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    /// <summary>Why no AVX-512 VNNI code can be assembled here, or null where it can.</summary>
    public static string? WhyNot => SwitchThatIsOn() is { } on ? $"the switch {on} is on" : Obstacle.Value;

    /// <summary>True where AVX-512 VNNI code can be assembled and run.</summary>
    public static bool IsSupported => WhyNot is null;

    private static string? SwitchThatIsOn() => IsOn(DisablingSwitch) ? DisablingSwitch : IsOn(FormerSwitch) ? FormerSwitch : null;

    private static bool IsOn(string name) => AppContext.TryGetSwitch(name, out var disabled) && disabled;

    private static string? FindObstacle()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return $"the process is {RuntimeInformation.ProcessArchitecture}, not X64";
        if (!X86Base.IsSupported) return "the runtime was told to use no instructions of its own";
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return "executable memory is known to Caliper on Linux and Windows only";
        return MissingInstructions() ?? MissingState();
    }

    private static string? MissingInstructions()
    {
        if (X86Base.CpuId(0, 0).Eax < 7) return "the processor has no AVX-512";
        var (_, ebx, ecx, _) = X86Base.CpuId(7, 0);
        (string Name, bool Present)[] needed =
        [
            ("AVX512F", Bit(ebx, 16)), ("AVX512DQ", Bit(ebx, 17)), ("AVX512BW", Bit(ebx, 30)), ("AVX512VL", Bit(ebx, 31)),
            ("AVX512_VNNI", Bit(ecx, 11)), ("OSXSAVE", Bit(X86Base.CpuId(1, 0).Ecx, 27)),
        ];
        var missing = needed.Where(n => !n.Present).Select(n => n.Name).ToArray();
        return missing.Length == 0 ? null : $"the processor or the operating system lacks {string.Join(", ", missing)}";

        static bool Bit(int word, int bit) => (word >> bit & 1) != 0;
    }

    // XGETBV tells which registers the system saves on a switch of threads; no .NET intrinsic reaches it, so this is also
    // the first assembled function, and shows whether pages may be executed.
    private static string? MissingState()
    {
        const int Sse = 1 << 1, Avx = 1 << 2, Masks = 1 << 5, UpperHalves = 1 << 6, UpperRegisters = 1 << 7;
        const int Needed = Sse | Avx | Masks | UpperHalves | UpperRegisters;
        var code = new CodeWriter();
        code.ReadEnabledState();
        using var memory = ExecutableMemory.TryPublish(code.Finish());
        if (memory is null) return "a policy of the system forbids executable pages";
        var state = ((delegate* unmanaged<int>)memory.Start)();
        return (state & Needed) == Needed ? null : "the operating system does not save the AVX-512 registers";
    }
}
