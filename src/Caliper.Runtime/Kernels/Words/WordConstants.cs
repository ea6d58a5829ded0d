using System.Runtime.InteropServices;

namespace Caliper.Kernels.Words;

/// <summary>The vectors that assembled code reads of a block of channels besides weights: three that have one number in all lanes, then the
/// offsets.</summary>
internal static class WordConstants
{
    public const int Least = 0, Greatest = 64, ZeroPoint = 128;

    private const int FirstOffsets = 192;

    /// <summary>Where the offsets of a vector begin.</summary>
    public static int Offsets(int vector) => FirstOffsets + 64 * vector;

    /// <summary>Bytes of a block of so many vectors.</summary>
    public static int BytesOf(int vectors) => Offsets(vectors);

    /// <summary>The constants of all blocks, one after another.</summary>
    public static byte[] Of(WordEpilogue epilogue, int blocks, int vectors)
    {
        var table = new byte[checked(blocks * BytesOf(vectors))];
        for (var block = 0; block < blocks; block++)
        {
            var own = table.AsSpan(block * BytesOf(vectors), BytesOf(vectors));
            Vector(own, Least).Fill(epilogue.Least - epilogue.ZeroPoint);
            Vector(own, Greatest).Fill(epilogue.Greatest - epilogue.ZeroPoint);
            MemoryMarshal.Cast<float, int>(Vector(own, ZeroPoint)).Fill(epilogue.ZeroPoint);
            var first = block * 16 * vectors;
            var offsets = epilogue.Offsets.AsSpan(first, Math.Min(16 * vectors, epilogue.Offsets.Length - first));
            MemoryMarshal.AsBytes(offsets).CopyTo(own[FirstOffsets..]);
        }
        return table;
    }

    private static Span<float> Vector(Span<byte> table, int at) => MemoryMarshal.Cast<byte, float>(table.Slice(at, 64));
}
