using System.Buffers.Binary;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>Vectors from and to memory, in whole or as a mask says, and what copies bytes without changing them.</summary>
internal static class VectorMoves
{
    public static IEnumerable<KnownInstruction> All =>
    [
        .. KnownInstruction.Sized(Code.EVEX_Vmovdqu32_zmm_k1z_zmmm512, (p, in i) => Move(p, i, sizeof(int)), takesMask: true),
        .. KnownInstruction.Sized(Code.EVEX_Vmovdqu32_zmmm512_k1z_zmm, (p, in i) => Move(p, i, sizeof(int)), takesMask: true),
        .. KnownInstruction.Sized(Code.EVEX_Vmovdqu8_zmm_k1z_zmmm512, (p, in i) => Move(p, i, 1), takesMask: true),
        .. KnownInstruction.Sized(Code.EVEX_Vmovdqu8_zmmm512_k1z_zmm, (p, in i) => Move(p, i, 1), takesMask: true),
        new(Code.EVEX_Vpmovdb_xmmm128_k1z_zmm, StoreLowBytes, TakesMask: true),
        new(Code.EVEX_Vpbroadcastd_zmm_k1z_xmmm32, Broadcast),
        new(Code.EVEX_Vextracti32x4_xmmm128_k1z_zmm_imm8, (p, in i) => Take(p, i, 16)),
        new(Code.EVEX_Vextracti64x4_ymmm256_k1z_zmm_imm8, (p, in i) => Take(p, i, 32)),
        new(Code.VEX_Vzeroupper, ClearUpper),
    ];

    private static void Take(SimulatedProcessor processor, in Instruction instruction, int bytes) =>
        processor.SetVector(instruction.Op0Register, processor.Vector(instruction.Op1Register).Slice(bytes * instruction.Immediate8, bytes));

    private static void Move(SimulatedProcessor processor, in Instruction instruction, int elementBytes)
    {
        var isStore = instruction.Op0Kind is OpKind.Memory;
        var bytes = (isStore ? instruction.Op1Register : instruction.Op0Register).GetSize();
        if (instruction.HasOpMask) MoveMasked(processor, instruction, elementBytes, bytes, isStore);
        else if (isStore) processor.Vector(instruction.Op1Register).CopyTo(processor.Memory.Write(processor.Address(instruction), bytes));
        else processor.SetVector(instruction.Op0Register, processor.Source(instruction, 1, bytes));
    }

    // Elements that the mask does not name are not touched in memory.
    private static void MoveMasked(SimulatedProcessor processor, in Instruction instruction, int elementBytes, int bytes, bool isStore)
    {
        if (!isStore && !instruction.ZeroingMasking) throw new SimulationException($"The simulator does not merge, as '{instruction}' does.");
        var (mask, address) = (processor.Mask(instruction.OpMask), processor.Address(instruction));
        Span<byte> loaded = stackalloc byte[bytes];
        loaded.Clear();
        for (var at = 0; at < bytes; at += elementBytes)
        {
            if ((mask >> (at / elementBytes) & 1) == 0) continue;
            if (isStore)
                processor.Vector(instruction.Op1Register).Slice(at, elementBytes).CopyTo(processor.Memory.Write(address + (ulong)at, elementBytes));
            else processor.Memory.Read(address + (ulong)at, elementBytes).CopyTo(loaded[at..]);
        }
        if (!isStore) processor.SetVector(instruction.Op0Register, loaded);
    }

    // A byte of each lane; those that the mask does not name are not touched.
    private static void StoreLowBytes(SimulatedProcessor processor, in Instruction instruction)
    {
        if (instruction.Op0Kind is not OpKind.Memory) throw new SimulationException($"The simulator does not know '{instruction}'.");
        var address = processor.Address(instruction);
        var lanes = processor.Vector(instruction.Op1Register);
        var mask = instruction.HasOpMask ? processor.Mask(instruction.OpMask) : ulong.MaxValue;
        for (var lane = 0; lane < lanes.Length / sizeof(int); lane++)
            if ((mask >> lane & 1) == 1) processor.Memory.Write(address + (ulong)lane, 1)[0] = lanes[sizeof(int) * lane];
    }

    private static void Broadcast(SimulatedProcessor processor, in Instruction instruction)
    {
        var lane = BinaryPrimitives.ReadInt32LittleEndian(processor.Source(instruction, 1, sizeof(int)));
        Span<byte> result = stackalloc byte[SimulatedProcessor.VectorBytes];
        for (var at = 0; at < result.Length; at += sizeof(int)) BinaryPrimitives.WriteInt32LittleEndian(result[at..], lane);
        processor.SetVector(instruction.Op0Register, result);
    }

    // Of the first 16 registers.
    private static void ClearUpper(SimulatedProcessor processor, in Instruction instruction)
    {
        for (var vector = 0; vector < 16; vector++) processor.Vector(Register.ZMM0 + vector)[16..].Clear();
    }
}
