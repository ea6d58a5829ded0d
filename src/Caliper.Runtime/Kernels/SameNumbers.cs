using System.Runtime.InteropServices;

namespace Caliper.Kernels;

/// <summary>Numbers that are the same as others where all of them are, bit for bit.</summary>
internal readonly struct SameNumbers<T>(T[] numbers) : IEquatable<SameNumbers<T>> where T : unmanaged
{
    private readonly T[] _numbers = numbers;

    public bool Equals(SameNumbers<T> other) => MemoryMarshal.AsBytes<T>(_numbers).SequenceEqual(MemoryMarshal.AsBytes<T>(other._numbers));

    public override bool Equals(object? other) => other is SameNumbers<T> same && Equals(same);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes<T>(_numbers));
        return hash.ToHashCode();
    }
}
