using Iced.Intel;

namespace Caliper.Assembly;

/// <summary>Where something lies in memory: so many bytes after the address that a register holds.</summary>
internal readonly record struct Place(Register Base, long ByteOffset = 0)
{
    /// <summary>The place so many bytes further.</summary>
    public static Place operator +(Place place, long byteCount) => place with { ByteOffset = place.ByteOffset + byteCount };

    /// <summary>The operand; small offsets are written in one byte.</summary>
    public MemoryOperand Operand => new(Base, ByteOffset, displSize: ByteOffset == 0 && Base is not Register.RIP ? 0 : 1);
}
