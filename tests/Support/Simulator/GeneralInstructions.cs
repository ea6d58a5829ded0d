using System.Buffers.Binary;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>General registers, the stack, branches and masks.</summary>
internal static class GeneralInstructions
{
    public static IEnumerable<KnownInstruction> All =>
    [
        new(Code.Endbr64, (p, in i) => { }),
        new(Code.Prefetcht1_m8, (p, in i) => { }),
        new(Code.Mov_r64_rm64, (p, in i) => p.SetNumber(i, 0, p.Number(i, 1))),
        new(Code.Mov_rm64_r64, (p, in i) => p.SetNumber(i, 0, p.Number(i, 1))),
        new(Code.Mov_rm64_imm32, (p, in i) => p.SetNumber(i, 0, p.Number(i, 1))),
        new(Code.Mov_r64_imm64, (p, in i) => p.SetNumber(i, 0, p.Number(i, 1))),
        new(Code.Movsxd_r64_rm32, (p, in i) => p.SetNumber(i, 0, p.Number(i, 1, sizeof(int)))),
        new(Code.Lea_r64_m, (p, in i) => p.SetNumber(i, 0, (long)p.Address(i))),
        new(Code.Add_r64_rm64, (p, in i) => Add(p, i, 1)),
        new(Code.Add_rm64_imm8, (p, in i) => Add(p, i, 1)),
        new(Code.Add_rm64_imm32, (p, in i) => Add(p, i, 1)),
        new(Code.Sub_rm64_imm8, (p, in i) => Add(p, i, -1)),
        new(Code.Cmp_rm32_imm8, (p, in i) => Compare(p, p.Number(i, 0, sizeof(int)), p.Number(i, 1))),
        new(Code.Cmovl_r64_rm64, ReplaceIfLess),
        new(Code.Push_r64, (p, in i) => Push(p, p.Number(i, 0))),
        new(Code.Pop_r64, (p, in i) => p.SetNumber(i, 0, Pop(p))),
        new(Code.Retnq, (p, in i) => p.Next = (ulong)Pop(p)),
        new(Code.Jmp_rel32_64, (p, in i) => p.Next = i.NearBranchTarget),
        new(Code.Je_rel32_64, (p, in i) => p.Next = p.IsZero ? i.NearBranchTarget : p.Next),
        new(Code.Jne_rel32_64, (p, in i) => p.Next = p.IsZero ? p.Next : i.NearBranchTarget),
        new(Code.VEX_Kmovq_kr_r64, (p, in i) => p.Mask(i.Op0Register) = (ulong)p.Number(i, 1)),
    ];

    private static void Add(SimulatedProcessor processor, in Instruction instruction, int sign)
    {
        var exact = (Int128)processor.Number(instruction, 0) + sign * (Int128)processor.Number(instruction, 1);
        var kept = unchecked((long)exact);
        processor.SetFlags(exact, kept);
        processor.SetNumber(instruction, 0, kept);
    }

    private static void Compare(SimulatedProcessor processor, long left, long right) => processor.SetFlags(left - right, left - right);

    // The other number is read whether it is taken or not.
    private static void ReplaceIfLess(SimulatedProcessor processor, in Instruction instruction)
    {
        var other = processor.Number(instruction, 1);
        if (processor.IsLess) processor.SetNumber(instruction, 0, other);
    }

    /// <summary>Puts a number onto the stack.</summary>
    public static void Push(SimulatedProcessor processor, long number)
    {
        ref var top = ref processor.General(Register.RSP);
        top -= sizeof(long);
        BinaryPrimitives.WriteInt64LittleEndian(processor.Memory.Write((ulong)top, sizeof(long)), number);
    }

    private static long Pop(SimulatedProcessor processor)
    {
        ref var top = ref processor.General(Register.RSP);
        var number = BinaryPrimitives.ReadInt64LittleEndian(processor.Memory.Read((ulong)top, sizeof(long)));
        top += sizeof(long);
        return number;
    }
}
