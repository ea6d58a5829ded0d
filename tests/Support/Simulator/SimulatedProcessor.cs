using System.Buffers.Binary;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>The registers of a processor with AVX-512 and tiles, and how an instruction names its operands.</summary>
internal sealed class SimulatedProcessor(SimulatedMemory memory)
{
    /// <summary>Bytes of a vector register.</summary>
    public const int VectorBytes = 64;

    private readonly byte[] _vectors = new byte[32 * VectorBytes];
    private readonly long[] _general = new long[16];
    private readonly ulong[] _masks = new ulong[8];

    /// <summary>What may be touched.</summary>
    public SimulatedMemory Memory => memory;

    /// <summary>The tile unit.</summary>
    public SimulatedTiles Tiles { get; } = new();

    /// <summary>The address of the next instruction.</summary>
    public ulong Next { get; set; }

    /// <summary>Whether the last result was 0.</summary>
    public bool IsZero { get; private set; }

    /// <summary>Whether the last result, had it not been cut to its bits, was negative.</summary>
    public bool IsLess { get; private set; }

    /// <summary>A general register.</summary>
    public ref long General(Register register) => ref _general[register.GetFullRegister().GetNumber()];

    /// <summary>A mask register.</summary>
    public ref ulong Mask(Register register) => ref _masks[register.GetNumber()];

    /// <summary>The bytes of a vector register that its name covers.</summary>
    public Span<byte> Vector(Register register) => _vectors.AsSpan(register.GetNumber() * VectorBytes, register.GetSize());

    /// <summary>Sets a vector register; what its name does not cover becomes 0.</summary>
    public void SetVector(Register register, ReadOnlySpan<byte> bytes)
    {
        var whole = _vectors.AsSpan(register.GetNumber() * VectorBytes, VectorBytes);
        bytes.CopyTo(whole);
        whole[bytes.Length..].Clear();
    }

    /// <summary>Fills all registers with noise, as a caller leaves them.</summary>
    public void Scramble(Random random)
    {
        random.NextBytes(_vectors);
        for (var i = 0; i < _general.Length; i++) _general[i] = random.NextInt64();
        for (var i = 0; i < _masks.Length; i++) _masks[i] = (ulong)random.NextInt64();
    }

    /// <summary>Notes what an addition or subtraction leaves in the flags.</summary>
    public void SetFlags(Int128 result, long kept) => (IsZero, IsLess) = (kept == 0, result < 0);

    /// <summary>The address of the memory operand.</summary>
    public ulong Address(in Instruction instruction)
    {
        if (instruction.IsIPRelativeMemoryOperand) return instruction.IPRelativeMemoryAddress;
        var address = instruction.MemoryDisplacement64;
        if (instruction.MemoryBase is not Register.None) address += (ulong)General(instruction.MemoryBase);
        if (instruction.MemoryIndex is not Register.None) address += (ulong)(General(instruction.MemoryIndex) * instruction.MemoryIndexScale);
        return address;
    }

    /// <summary>The bytes of a vector operand, which is a register or lies in memory.</summary>
    public ReadOnlySpan<byte> Source(in Instruction instruction, int operand, int byteCount) =>
        instruction.GetOpKind(operand) is OpKind.Memory
            ? memory.Read(Address(instruction), byteCount)
            : Vector(instruction.GetOpRegister(operand))[..byteCount];

    /// <summary>A general operand of four or eight bytes, with its sign.</summary>
    public long Number(in Instruction instruction, int operand, int byteCount = sizeof(long))
    {
        if (instruction.GetOpKind(operand) is OpKind.Register)
        {
            var register = General(instruction.GetOpRegister(operand));
            return byteCount == sizeof(int) ? (int)register : register;
        }
        if (instruction.GetOpKind(operand) is not OpKind.Memory) return (long)instruction.GetImmediate(operand);
        var bytes = memory.Read(Address(instruction), byteCount);
        return byteCount == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Sets a general operand of eight bytes.</summary>
    public void SetNumber(in Instruction instruction, int operand, long number)
    {
        if (instruction.GetOpKind(operand) is OpKind.Register) General(instruction.GetOpRegister(operand)) = number;
        else BinaryPrimitives.WriteInt64LittleEndian(memory.Write(Address(instruction), sizeof(long)), number);
    }
}
