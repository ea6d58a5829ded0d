using Iced.Intel;

namespace Caliper.Assembly;

/// <summary>The vector instructions that tiles are made of. A vector is one of 32 registers of 64 bytes: 16 lanes of int32 or
/// float32, or four quarters of 16 bytes, within which packing, interleaving and shuffling stay.</summary>
internal sealed partial class CodeWriter
{
    /// <summary>How many vector registers there are.</summary>
    public const int VectorCount = 32;

    // The rounding of vrndscaleps: to whole numbers, half to even, no exception flag.
    private const int HalfToEven = 8;

    /// <summary>A whole vector from memory.</summary>
    public void Load(int to, Place from) =>
        Emit(Instruction.Create(Code.EVEX_Vmovdqu32_zmm_k1z_zmmm512, Zmm(to), from.Operand));

    /// <summary>Another register's content.</summary>
    public void Copy(int to, int from) => Unary(Code.EVEX_Vmovdqu32_zmm_k1z_zmmm512, to, from);

    /// <summary>All bits zero.</summary>
    public void Clear(int vector) => Binary(Code.EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, vector, vector, vector);

    /// <summary>The four bytes at a place, in each of the 16 lanes.</summary>
    public void Broadcast(int to, Place from) => Emit(Instruction.Create(Code.EVEX_Vpbroadcastd_zmm_k1z_xmmm32, Zmm(to), from.Operand));

    /// <summary>In each of 16 lanes, four products of an unsigned and a signed byte, added exactly to an int32.</summary>
    public void MultiplyAccumulate(int sums, int unsignedBytes, int signedBytes) =>
        Binary(Code.EVEX_Vpdpbusd_zmm_k1z_zmm_zmmm512b32, sums, unsignedBytes, signedBytes);

    /// <summary>The same with the signed bytes in memory.</summary>
    public void MultiplyAccumulate(int sums, int unsignedBytes, Place signedBytes) =>
        Binary(Code.EVEX_Vpdpbusd_zmm_k1z_zmm_zmmm512b32, sums, unsignedBytes, signedBytes);

    /// <summary>int32 to float32, rounded half to even.</summary>
    public void ToFloat(int vector) => Unary(Code.EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er, vector, vector);

    /// <summary>float32 to int32, rounded half to even; what does not fit becomes −2³¹.</summary>
    public void ToInteger(int vector) => Unary(Code.EVEX_Vcvtps2dq_zmm_k1z_zmmm512b32_er, vector, vector);

    /// <summary>int32 times 256, modulo 2³².</summary>
    public void RaiseByByte(int vector) => Emit(Instruction.Create(Code.EVEX_Vpslld_zmm_k1z_zmmm512b32_imm8, Zmm(vector), Zmm(vector), 8));

    /// <summary>int32 plus int32, modulo 2³².</summary>
    public void AddIntegers(int vector, Place more) => Binary(Code.EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32, vector, vector, more);

    /// <summary>Floats times floats.</summary>
    public void Multiply(int vector, Place by) => Binary(Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, vector, vector, by);

    /// <summary>Floats times floats.</summary>
    public void Multiply(int vector, int by) => Binary(Code.EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er, vector, vector, by);

    /// <summary>Floats plus floats.</summary>
    public void AddFloats(int vector, Place more) => Binary(Code.EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er, vector, vector, more);

    /// <summary><c>vector = vector · factor + addend</c>, rounded once.</summary>
    public void MultiplyAdd(int vector, Place factor, int addend) =>
        Binary(Code.EVEX_Vfmadd132ps_zmm_k1z_zmm_zmmm512b32_er, vector, addend, factor);

    /// <summary><c>vector = vector + left · right</c>, rounded once.</summary>
    public void AddProduct(int vector, int left, Place right) =>
        Binary(Code.EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er, vector, left, right);

    /// <summary>The greater of floats and bounds.</summary>
    public void FloatsAtLeast(int vector, Place bounds) => Binary(Code.EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae, vector, vector, bounds);

    /// <summary>The lesser of floats and bounds.</summary>
    public void FloatsAtMost(int vector, Place bounds) => Binary(Code.EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae, vector, vector, bounds);

    /// <summary>Floats rounded half to even, still floats.</summary>
    public void Round(int vector) =>
        Emit(Instruction.Create(Code.EVEX_Vrndscaleps_zmm_k1z_zmmm512b32_imm8_sae, Zmm(vector), Zmm(vector), HalfToEven));

    /// <summary>From the lower halves of each quarter, a byte of the one and a byte of the other in turn.</summary>
    public void InterleaveLowerBytes(int to, int first, int second) =>
        Binary(Code.EVEX_Vpunpcklbw_zmm_k1z_zmm_zmmm512, to, first, second);

    /// <summary>From the upper halves of each quarter, a byte of the one and a byte of the other in turn.</summary>
    public void InterleaveUpperBytes(int to, int first, int second) =>
        Binary(Code.EVEX_Vpunpckhbw_zmm_k1z_zmm_zmmm512, to, first, second);

    /// <summary>From the lower halves of each quarter, a word of the one and a word of the other in turn.</summary>
    public void InterleaveLowerWords(int to, int first, int second) =>
        Binary(Code.EVEX_Vpunpcklwd_zmm_k1z_zmm_zmmm512, to, first, second);

    /// <summary>From the upper halves of each quarter, a word of the one and a word of the other in turn.</summary>
    public void InterleaveUpperWords(int to, int first, int second) =>
        Binary(Code.EVEX_Vpunpckhwd_zmm_k1z_zmm_zmmm512, to, first, second);

    /// <summary>Two vectors of int32 to one of int16, saturated: in each quarter four words of each.</summary>
    public void PackToWords(int to, int first, int second) =>
        Binary(Code.EVEX_Vpackssdw_zmm_k1z_zmm_zmmm512b32, to, first, second);

    /// <summary>Two vectors of int16 to one of unsigned bytes, saturated: in each quarter eight bytes of each.</summary>
    public void PackToBytes(int to, int first, int second) =>
        Binary(Code.EVEX_Vpackuswb_zmm_k1z_zmm_zmmm512, to, first, second);

    /// <summary>Words plus words, saturated.</summary>
    public void AddWords(int vector, Place more) => Binary(Code.EVEX_Vpaddsw_zmm_k1z_zmm_zmmm512, vector, vector, more);

    /// <summary>The greater of unsigned bytes and bounds.</summary>
    public void BytesAtLeast(int vector, Place bounds) => Binary(Code.EVEX_Vpmaxub_zmm_k1z_zmm_zmmm512, vector, vector, bounds);

    /// <summary>The lesser of unsigned bytes and bounds.</summary>
    public void BytesAtMost(int vector, Place bounds) => Binary(Code.EVEX_Vpminub_zmm_k1z_zmm_zmmm512, vector, vector, bounds);

    /// <summary>The 16 lanes in the order that the indices say.</summary>
    public void Permute(int vector, int indices) => Binary(Code.EVEX_Vpermd_zmm_k1z_zmm_zmmm512b32, vector, indices, vector);

    /// <summary>A whole vector from memory, its 16 lanes in the order that the indices say.</summary>
    public void LoadPermuted(int to, int indices, Place from) => Binary(Code.EVEX_Vpermd_zmm_k1z_zmm_zmmm512b32, to, indices, from);

    /// <summary>In each quarter the bytes that the control names; zero where it names none.</summary>
    public void Shuffle(int to, int from, Place control) => Binary(Code.EVEX_Vpshufb_zmm_k1z_zmm_zmmm512, to, from, control);

    /// <summary>Sets the mask register to its lowest <paramref name="ones"/> bits; <paramref name="scratch"/> is taken.</summary>
    public void SetMask(Register mask, int ones, Register scratch)
    {
        Emit(Instruction.Create(Code.Mov_r64_imm64, scratch, ones == 64 ? ulong.MaxValue : (1ul << ones) - 1));
        Emit(Instruction.Create(Code.VEX_Kmovq_kr_r64, mask, scratch));
    }

    /// <summary>The first bytes of a vector to memory: 16, 32 or 64 of them; or those that the mask names, and no other byte is
    /// touched.</summary>
    public void Store(Place to, int vector, int byteCount, Register mask = Register.None)
    {
        var (code, register) = byteCount switch
        {
            16 => (Code.EVEX_Vmovdqu8_xmmm128_k1z_xmm, Register.XMM0 + vector),
            32 => (Code.EVEX_Vmovdqu8_ymmm256_k1z_ymm, Register.YMM0 + vector),
            64 => (Code.EVEX_Vmovdqu8_zmmm512_k1z_zmm, Zmm(vector)),
            _ => throw new ArgumentOutOfRangeException(nameof(byteCount)),
        };
        Emit(Masked(Instruction.Create(code, to.Operand, register), mask, zeroing: false));
    }

    /// <summary>Those 16 lanes of int32 or float32 that the mask names to memory.</summary>
    public void StoreLanes(Place to, int vector, Register mask = Register.None) =>
        Emit(Masked(Instruction.Create(Code.EVEX_Vmovdqu32_zmmm512_k1z_zmm, to.Operand, Zmm(vector)), mask, zeroing: false));

    /// <summary>Those lanes that the mask names from memory, no other being touched, and zeros.</summary>
    public void LoadLanes(int to, Place from, Register mask) =>
        Emit(Masked(Instruction.Create(Code.EVEX_Vmovdqu32_zmm_k1z_zmmm512, Zmm(to), from.Operand), mask, zeroing: true));

    /// <summary>The lowest bytes of those lanes that the mask names to memory.</summary>
    public void StoreLowBytes(Place to, int vector, Register mask = Register.None) =>
        Emit(Masked(Instruction.Create(Code.EVEX_Vpmovdb_xmmm128_k1z_zmm, to.Operand, Zmm(vector)), mask, zeroing: false));

    /// <summary>The first 16, 32 or 64 bytes from memory, and zeros.</summary>
    public void LoadFirst(int to, Place from, int byteCount) => Emit(byteCount switch
    {
        16 => Instruction.Create(Code.EVEX_Vmovdqu8_xmm_k1z_xmmm128, Register.XMM0 + to, from.Operand),
        32 => Instruction.Create(Code.EVEX_Vmovdqu8_ymm_k1z_ymmm256, Register.YMM0 + to, from.Operand),
        64 => Instruction.Create(Code.EVEX_Vmovdqu8_zmm_k1z_zmmm512, Zmm(to), from.Operand),
        _ => throw new ArgumentOutOfRangeException(nameof(byteCount)),
    });

    /// <summary>The bytes that the mask names from memory, no other byte being touched, and zeros.</summary>
    public void LoadMasked(int to, Place from, Register mask) =>
        Emit(Masked(Instruction.Create(Code.EVEX_Vmovdqu8_zmm_k1z_zmmm512, Zmm(to), from.Operand), mask, zeroing: true));

    /// <summary>Moves a quarter of a vector to the front of another.</summary>
    public void TakeQuarter(int to, int from, int quarter) =>
        Emit(Instruction.Create(Code.EVEX_Vextracti32x4_xmmm128_k1z_zmm_imm8, Register.XMM0 + to, Zmm(from), quarter));

    /// <summary>Two quarters of one vector, then two of another; two bits of the control name each.</summary>
    public void ShuffleQuarters(int to, int first, int second, int control) => Emit(Instruction.Create(
        Code.EVEX_Vshufi32x4_zmm_k1z_zmm_zmmm512b32_imm8, Zmm(to), Zmm(first), Zmm(second), control));

    /// <summary>Moves the upper half of a vector to the front of another.</summary>
    public void TakeUpperHalf(int to, int from) =>
        Emit(Instruction.Create(Code.EVEX_Vextracti64x4_ymmm256_k1z_zmm_imm8, Register.YMM0 + to, Zmm(from), 1));

    /// <summary>16 unsigned bytes to 16 int32.</summary>
    public void WidenToLanes(int to, int from) =>
        Emit(Instruction.Create(Code.EVEX_Vpmovzxbd_zmm_k1z_xmmm128, Zmm(to), Register.XMM0 + from));

    /// <summary>32 unsigned bytes to 32 words.</summary>
    public void WidenToWords(int to, int from) =>
        Emit(Instruction.Create(Code.EVEX_Vpmovzxbw_zmm_k1z_ymmm256, Zmm(to), Register.YMM0 + from));

    private static Instruction Masked(Instruction instruction, Register mask, bool zeroing)
    {
        instruction.OpMask = mask;
        instruction.ZeroingMasking = zeroing && mask is not Register.None;
        return instruction;
    }

    private void Unary(Code code, int to, int from) => Emit(Instruction.Create(code, Zmm(to), Zmm(from)));

    private void Binary(Code code, int to, int left, int right) =>
        Emit(Instruction.Create(code, Zmm(to), Zmm(left), Zmm(right)));

    private void Binary(Code code, int to, int left, Place right) =>
        Emit(Instruction.Create(code, Zmm(to), Zmm(left), right.Operand));

    private static Register Zmm(int vector) => Register.ZMM0 + vector;
}
