using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Caliper.Graphs;

namespace Caliper.Torch.Files;

/// <summary>Brings the bytes of a storage into the form tensors have: little-endian, booleans 0 or 1.</summary>
internal static class StorageBytes
{
    /// <summary>Converts in place.</summary>
    public static byte[] ToNative(byte[] bytes, ElementType type, bool isBigEndian)
    {
        if (type is ElementType.Boolean)
        {
            foreach (ref var flag in bytes.AsSpan()) flag = flag == 0 ? (byte)0 : (byte)1;
        }
        if (isBigEndian) Reverse(bytes, type);
        return bytes;
    }

    private static void Reverse(Span<byte> bytes, ElementType type)
    {
        // A complex number is two floats, each reversed by itself.
        var swapped = type is ElementType.Complex64 or ElementType.Complex128 ? type.BitsPerElement() / 2 : type.BitsPerElement();
        switch (swapped)
        {
            case 16: { var all = MemoryMarshal.Cast<byte, ushort>(bytes); BinaryPrimitives.ReverseEndianness(all, all); break; }
            case 32: { var all = MemoryMarshal.Cast<byte, uint>(bytes); BinaryPrimitives.ReverseEndianness(all, all); break; }
            case 64: { var all = MemoryMarshal.Cast<byte, ulong>(bytes); BinaryPrimitives.ReverseEndianness(all, all); break; }
        }
    }
}
