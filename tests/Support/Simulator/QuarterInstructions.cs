using System.Runtime.InteropServices;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>What packs, interleaves and shuffles, mostly within the quarters of 16 bytes that a vector has, and what widens.</summary>
internal static class QuarterInstructions
{
    private const int QuarterBytes = 16;

    private delegate void Quarter(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> result);

    public static IEnumerable<KnownInstruction> All =>
    [
        new(Code.EVEX_Vpunpcklbw_zmm_k1z_zmm_zmmm512, Quarters((a, b, to) => Interleave(a[..8], b[..8], to))),
        new(Code.EVEX_Vpunpckhbw_zmm_k1z_zmm_zmmm512, Quarters((a, b, to) => Interleave(a[8..], b[8..], to))),
        new(Code.EVEX_Vpunpcklwd_zmm_k1z_zmm_zmmm512,
            Quarters((a, b, to) => Interleave(Words(a)[..4], Words(b)[..4], Words(to)))),
        new(Code.EVEX_Vpunpckhwd_zmm_k1z_zmm_zmmm512,
            Quarters((a, b, to) => Interleave(Words(a)[4..], Words(b)[4..], Words(to)))),
        new(Code.EVEX_Vpackssdw_zmm_k1z_zmm_zmmm512b32, Quarters(PackToWords)),
        new(Code.EVEX_Vpackuswb_zmm_k1z_zmm_zmmm512, Quarters(PackToBytes)),
        new(Code.EVEX_Vpshufb_zmm_k1z_zmm_zmmm512, Quarters(Shuffle)),
        new(Code.EVEX_Vpermd_zmm_k1z_zmm_zmmm512b32, Permute),
        new(Code.EVEX_Vshufi32x4_zmm_k1z_zmm_zmmm512b32_imm8, ShuffleQuarters),
        new(Code.EVEX_Vpmovzxbd_zmm_k1z_xmmm128, Widen<int>(a => a)),
        new(Code.EVEX_Vpmovzxbw_zmm_k1z_ymmm256, Widen<short>(a => a)),
    ];

    private static Span<short> Words(Span<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes);

    private static ReadOnlySpan<short> Words(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes);

    private static void Interleave<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, Span<T> result)
    {
        for (var i = 0; i < first.Length; i++) (result[2 * i], result[2 * i + 1]) = (first[i], second[i]);
    }

    private static void PackToWords(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> result)
    {
        var words = Words(result);
        var a = MemoryMarshal.Cast<byte, int>(first);
        var b = MemoryMarshal.Cast<byte, int>(second);
        for (var i = 0; i < words.Length; i++)
            words[i] = (short)Math.Clamp(i < a.Length ? a[i] : b[i - a.Length], short.MinValue, short.MaxValue);
    }

    private static void PackToBytes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> result)
    {
        var a = Words(first);
        var b = Words(second);
        for (var i = 0; i < result.Length; i++) result[i] = (byte)Math.Clamp(i < a.Length ? a[i] : b[i - a.Length], byte.MinValue, byte.MaxValue);
    }

    // A control byte names one of 16 bytes, or none where its top bit is set.
    private static void Shuffle(ReadOnlySpan<byte> from, ReadOnlySpan<byte> control, Span<byte> result)
    {
        for (var i = 0; i < result.Length; i++) result[i] = control[i] < 0x80 ? from[control[i] & 15] : (byte)0;
    }

    private static void Permute(SimulatedProcessor processor, in Instruction instruction)
    {
        Span<byte> bytes = stackalloc byte[instruction.Op0Register.GetSize()];
        var indices = MemoryMarshal.Cast<byte, int>(processor.Source(instruction, 1, bytes.Length));
        var lanes = MemoryMarshal.Cast<byte, int>(processor.Source(instruction, 2, bytes.Length));
        var result = MemoryMarshal.Cast<byte, int>(bytes);
        for (var i = 0; i < result.Length; i++) result[i] = lanes[indices[i] & (result.Length - 1)];
        processor.SetVector(instruction.Op0Register, bytes);
    }

    private static void ShuffleQuarters(SimulatedProcessor processor, in Instruction instruction)
    {
        Span<byte> bytes = stackalloc byte[SimulatedProcessor.VectorBytes];
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var from = processor.Source(instruction, quarter < 2 ? 1 : 2, bytes.Length);
            from.Slice((instruction.Immediate8 >> (2 * quarter) & 3) * QuarterBytes, QuarterBytes).CopyTo(bytes[(quarter * QuarterBytes)..]);
        }
        processor.SetVector(instruction.Op0Register, bytes);
    }

    private static Execute Widen<T>(Func<byte, T> widen) where T : unmanaged => (processor, in instruction) =>
    {
        Span<byte> bytes = stackalloc byte[SimulatedProcessor.VectorBytes];
        var result = MemoryMarshal.Cast<byte, T>(bytes);
        var source = processor.Source(instruction, 1, result.Length);
        for (var i = 0; i < result.Length; i++) result[i] = widen(source[i]);
        processor.SetVector(instruction.Op0Register, bytes);
    };

    private static Execute Quarters(Quarter quarter) => (processor, in instruction) =>
    {
        Span<byte> bytes = stackalloc byte[instruction.Op0Register.GetSize()];
        var (first, second) = (processor.Source(instruction, 1, bytes.Length).ToArray(), processor.Source(instruction, 2, bytes.Length).ToArray());
        for (var at = 0; at < bytes.Length; at += QuarterBytes)
            quarter(first.AsSpan(at, QuarterBytes), second.AsSpan(at, QuarterBytes), bytes.Slice(at, QuarterBytes));
        processor.SetVector(instruction.Op0Register, bytes);
    };
}
