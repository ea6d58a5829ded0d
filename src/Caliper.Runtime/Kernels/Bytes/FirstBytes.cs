using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Bytes;

/// <summary>The first of the sixteen bytes of a vector, at least one: what lies after them is neither read nor written.</summary>
internal static unsafe class FirstBytes
{
    /// <summary>Loads them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* from, int count)
    {
        if (count == Vector128<byte>.Count) return Vector128.Load(from);
        Vector128<byte> bytes;
        Move(from, (byte*)&bytes, count);
        return bytes;
    }

    /// <summary>Stores them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> bytes, byte* to, int count)
    {
        if (count == Vector128<byte>.Count) bytes.Store(to);
        else Move((byte*)&bytes, to, count);
    }

    // Two words that overlap are any number of bytes up to their sum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(byte* from, byte* to, int count)
    {
        if (count >= sizeof(ulong)) Ends<ulong>(from, to, count);
        else if (count >= sizeof(uint)) Ends<uint>(from, to, count);
        else if (count >= sizeof(ushort)) Ends<ushort>(from, to, count);
        else *to = *from;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ends<T>(byte* from, byte* to, int count) where T : unmanaged
    {
        var (head, tail) = (*(T*)from, *(T*)(from + count - sizeof(T)));
        *(T*)to = head;
        *(T*)(to + count - sizeof(T)) = tail;
    }
}
