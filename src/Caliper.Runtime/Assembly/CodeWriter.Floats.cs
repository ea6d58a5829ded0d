using System.Buffers.Binary;
using Iced.Intel;

namespace Caliper.Assembly;

/// <summary>The right operand of an instruction: a vector, or four bytes of memory that stand for all lanes.</summary>
/// <param name="Vector">Its register; -1 where it is in memory.</param>
/// <param name="Everywhere">The four bytes.</param>
internal readonly record struct LaneOperand(int Vector, Place Everywhere)
{
    public static implicit operator LaneOperand(int vector) => new(vector, default);

    public static implicit operator LaneOperand(Place everywhere) => new(-1, everywhere);
}

/// <summary>How two floats are compared.</summary>
internal enum LaneComparison
{
    /// <summary>They are equal.</summary>
    Equal = 0,

    /// <summary>The first is less, or they are equal.</summary>
    NotGreater = 2,

    /// <summary>One of them is no number.</summary>
    Unordered = 3,

    /// <summary>The first is greater, or they are equal.</summary>
    NotLess = 13,
}

/// <summary>The instructions that functions of floats are made of: 16 lanes at a time.</summary>
internal sealed partial class CodeWriter
{
    private const int Downwards = 9, Upwards = 10;

    /// <summary>Repeats the body as often as the counter says, which may be never.</summary>
    public void RepeatIfAny(Register counter, Action body) => IfAny(counter, () => RepeatCounted(counter, body));

    /// <summary>Writes what is done unless a register is 0.</summary>
    public void IfAny(Register register, Action body)
    {
        Emit(Instruction.Create(Code.Test_rm64_r64, register, register));
        Emit(Instruction.CreateBranch(Code.Je_rel32_64, (ulong)Position));
        var leaving = Position;
        body();
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Written[(leaving - 4)..leaving], Position - leaving);
    }

    /// <summary>Sets a mask register to the bits of a general one.</summary>
    public void CopyToMask(Register mask, Register bits) => Emit(Instruction.Create(Code.VEX_Kmovq_kr_r64, mask, bits));

    /// <summary>Four bytes of each lane, side by side.</summary>
    /// <param name="to">The vector.</param>
    /// <param name="start">Points at the first element.</param>
    /// <param name="element">How many elements further.</param>
    /// <param name="more">And how many more.</param>
    /// <param name="mask">Lanes out of it are 0 and not read.</param>
    public void LoadLanes(int to, Register start, Register element, int more, Register mask) => Emit(Masked(
        Instruction.Create(Code.EVEX_Vmovups_zmm_k1z_zmmm512, Zmm(to), Elements(start, element, more, sizeof(float))), mask, zeroing: true));

    /// <summary>A byte of each lane, widened.</summary>
    public void LoadBytesToLanes(int to, Register start, Register element, int more, Register mask) => Emit(Masked(
        Instruction.Create(Code.EVEX_Vpmovzxbd_zmm_k1z_xmmm128, Zmm(to), Elements(start, element, more, 1)), mask, zeroing: true));

    /// <summary>Four bytes of each lane.</summary>
    public void StoreLanes(Register start, Register element, int more, int vector, Register mask) => Emit(Masked(
        Instruction.Create(Code.EVEX_Vmovups_zmmm512_k1z_zmm, Elements(start, element, more, sizeof(float)), Zmm(vector)), mask, zeroing: false));

    /// <summary>The lowest byte of each lane.</summary>
    public void StoreLowBytes(Register start, Register element, int more, int vector, Register mask) => Emit(Masked(
        Instruction.Create(Code.EVEX_Vpmovdb_xmmm128_k1z_zmm, Elements(start, element, more, 1), Zmm(vector)), mask, zeroing: false));

    public void AddLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er, to, left, right);

    public void SubtractLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vsubps_zmm_k1z_zmm_zmmm512b32_er, to, left, right);

    public void MultiplyLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, to, left, right);

    public void DivideLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vdivps_zmm_k1z_zmm_zmmm512b32_er, to, left, right);

    /// <summary>The greater; the right one where they are equal or one is no number.</summary>
    public void GreaterLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae, to, left, right);

    /// <summary>The lesser; the right one where they are equal or one is no number.</summary>
    public void LesserLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae, to, left, right);

    /// <summary><c>to = to·factor + addend</c>, rounded once.</summary>
    public void MultiplyThenAdd(int to, int factor, LaneOperand addend) =>
        Lanes(Code.EVEX_Vfmadd213ps_zmm_k1z_zmm_zmmm512b32_er, to, factor, addend);

    /// <summary><c>to = to·factor + addend</c>, rounded once, the factor perhaps being in memory.</summary>
    public void MultiplyByThenAdd(int to, int addend, LaneOperand factor) =>
        Lanes(Code.EVEX_Vfmadd132ps_zmm_k1z_zmm_zmmm512b32_er, to, addend, factor);

    /// <summary><c>to = to + left·right</c>, rounded once; lanes out of the mask stay.</summary>
    public void AddProductOf(int to, int left, LaneOperand right, Register mask = Register.None) =>
        Lanes(Code.EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er, to, left, right, mask);

    /// <summary><c>left·2ʳⁱᵍʰᵗ</c>.</summary>
    public void ScaleLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vscalefps_zmm_k1z_zmm_zmmm512b32_er, to, left, right);

    /// <summary>Bits that both have; lanes out of the mask stay.</summary>
    public void AndLanes(int to, int left, LaneOperand right, Register mask = Register.None) =>
        Lanes(Code.EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32, to, left, right, mask);

    /// <summary>Bits that either has; lanes out of the mask stay.</summary>
    public void OrLanes(int to, int left, LaneOperand right, Register mask = Register.None) =>
        Lanes(Code.EVEX_Vpord_zmm_k1z_zmm_zmmm512b32, to, left, right, mask);

    /// <summary>Bits that one of both has.</summary>
    public void ExclusiveOrLanes(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, to, left, right);

    /// <summary>The sum where the mask says so; other lanes stay.</summary>
    public void AddLanesWhere(Register mask, int to, int left, int right) =>
        Lanes(Code.EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er, to, left, right, mask);

    /// <summary>In place of each bit of a mask that is 1, the bit of the left one, and that of the right one elsewhere.</summary>
    public void SelectBits(int maskAndResult, int left, LaneOperand right)
    {
        const int SecondWhereFirst = 0xCA;
        const Code Selection = Code.EVEX_Vpternlogd_zmm_k1z_zmm_zmmm512b32_imm8;
        Emit(right.Vector >= 0
            ? Instruction.Create(Selection, Zmm(maskAndResult), Zmm(left), Zmm(right.Vector), SecondWhereFirst)
            : Instruction.Create(Selection, Zmm(maskAndResult), Zmm(left), Broadcasted(right), SecondWhereFirst));
    }

    /// <summary>The mask gets a bit for each lane: whether any of some bits is 1.</summary>
    public void TestBits(Register mask, int vector, LaneOperand bits) =>
        Emit(Instruction.Create(Code.EVEX_Vptestmd_kr_k1_zmm_zmmm512b32, mask, Zmm(vector), Broadcasted(bits)));

    /// <summary>Compares floats; the mask gets a bit for each lane.</summary>
    public void CompareLanes(Register mask, int left, LaneOperand right, LaneComparison comparison) => Emit(right.Vector >= 0
        ? Instruction.Create(Code.EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae, mask, Zmm(left), Zmm(right.Vector), (int)comparison)
        : Instruction.Create(Code.EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae, mask, Zmm(left), Broadcasted(right), (int)comparison));

    /// <summary>The right one where the mask says so, the left one elsewhere.</summary>
    public void BlendLanes(int to, Register mask, int left, LaneOperand right) =>
        Lanes(Code.EVEX_Vblendmps_zmm_k1z_zmm_zmmm512b32, to, left, right, mask);

    public void RootLanes(int to, int from) => Emit(Instruction.Create(Code.EVEX_Vsqrtps_zmm_k1z_zmmm512b32_er, Zmm(to), Zmm(from)));

    public void RoundLanes(int to, int from) => Rounded(to, from, HalfToEven);

    public void FloorLanes(int to, int from) => Rounded(to, from, Downwards);

    public void CeilingLanes(int to, int from) => Rounded(to, from, Upwards);

    public void AddIntegers(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32, to, left, right);

    public void SubtractIntegers(int to, int left, LaneOperand right) => Lanes(Code.EVEX_Vpsubd_zmm_k1z_zmm_zmmm512b32, to, left, right);

    /// <summary>Each lane without its lowest byte.</summary>
    public void DropLowByte(int to, int from) => Emit(Instruction.Create(Code.EVEX_Vpsrld_zmm_k1z_zmmm512b32_imm8, Zmm(to), Zmm(from), 8));

    private static MemoryOperand Elements(Register start, Register element, int more, int size) =>
        new(start, element, size, more * size, more == 0 ? 0 : 1);

    private void Rounded(int to, int from, int how) =>
        Emit(Instruction.Create(Code.EVEX_Vrndscaleps_zmm_k1z_zmmm512b32_imm8_sae, Zmm(to), Zmm(from), how));

    private void Lanes(Code code, int to, int left, LaneOperand right, Register mask = Register.None) => Emit(Masked(
        right.Vector >= 0 ? Instruction.Create(code, Zmm(to), Zmm(left), Zmm(right.Vector))
            : Instruction.Create(code, Zmm(to), Zmm(left), Broadcasted(right)), mask, zeroing: false));

    private static MemoryOperand Broadcasted(LaneOperand operand)
    {
        var (start, offset) = operand.Everywhere;
        return new(start, Register.None, 1, offset, offset == 0 ? 0 : 1, isBroadcast: true, Register.None);
    }
}
