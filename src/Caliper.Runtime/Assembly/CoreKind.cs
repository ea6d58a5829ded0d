using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Assembly;

/// <summary>How a processor's vector units share the work, as far as code that is fast on one is slow on another. Bits never depend on it.</summary>
internal enum CoreKind
{
    /// <summary>AMD's: adders and shufflers work beside the multipliers.</summary>
    Zen,

    /// <summary>Intel's: two units do products and all else.</summary>
    Cove,
}

/// <summary>Tells kinds of cores apart.</summary>
internal static class Cores
{
    /// <summary>That of this processor, by its maker.</summary>
    public static CoreKind Current { get; } = IsIntel ? CoreKind.Cove : CoreKind.Zen;

    private static bool IsIntel
    {
        get
        {
            if (!X86Base.IsSupported) return false;
            var (_, b, c, d) = X86Base.CpuId(0, 0);
            return MemoryMarshal.AsBytes([b, d, c]).SequenceEqual("GenuineIntel"u8);
        }
    }
}
