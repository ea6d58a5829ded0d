using System.Buffers.Binary;
using Iced.Intel;

namespace Caliper.Assembly;

/// <summary>
/// Writes one block of machine code: instructions one after another, loops, and the constants that lie after them. The
/// vector instructions, in the words of tiles, are in the other half of this class. Code may be placed at any address.
/// </summary>
internal sealed partial class CodeWriter
{
    /// <summary>Where a function finds its argument after <see cref="BeginFunction"/>, on every operating system.</summary>
    public const Register Argument = Register.RDI;

    // Of the registers used here, those that a function gives back as it found them.
    private static readonly Register[] Kept = OperatingSystem.IsWindows()
        ? [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15, Register.RDI, Register.RSI]
        : [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];

    // Windows keeps the lower halves of xmm6 to xmm15 too.
    private static readonly int KeptVectors = OperatingSystem.IsWindows() ? 10 : 0;

    private readonly ByteList _bytes = new();
    private readonly Encoder _encoder;
    private readonly List<(int End, int Constant)> _references = [];
    private readonly List<byte[]> _constants = [];
    private Queue<Instruction>? _recorded;

    /// <summary>Begins an empty block.</summary>
    public CodeWriter() => _encoder = Encoder.Create(64, _bytes);

    /// <summary>Bytes written so far.</summary>
    public int Position => _bytes.Count;

    /// <summary>Begins a function of one pointer, at an address that is a multiple of 64, and returns its offset.</summary>
    public int BeginFunction()
    {
        _bytes.PadTo(64);
        var start = Position;
        Emit(Instruction.Create(Code.Endbr64));
        foreach (var register in Kept) Emit(Instruction.Create(Code.Push_r64, register));
        if (KeptVectors > 0) Advance(Register.RSP, -16 * KeptVectors);
        for (var i = 0; i < KeptVectors; i++)
            Emit(Instruction.Create(Code.EVEX_Vmovdqu32_xmmm128_k1z_xmm, new Place(Register.RSP, 16 * i).Operand, Register.XMM6 + i));
        if (OperatingSystem.IsWindows()) Copy(Argument, Register.RCX);
        return start;
    }

    /// <summary>Ends a function. Upper halves are cleared, so that older code after it runs at full speed.</summary>
    public void EndFunction()
    {
        for (var i = 0; i < KeptVectors; i++)
            Emit(Instruction.Create(Code.EVEX_Vmovdqu32_xmm_k1z_xmmm128, Register.XMM6 + i, new Place(Register.RSP, 16 * i).Operand));
        if (KeptVectors > 0) Advance(Register.RSP, 16 * KeptVectors);
        foreach (var register in Kept.Reverse()) Emit(Instruction.Create(Code.Pop_r64, register));
        Emit(Instruction.Create(Code.VEX_Vzeroupper));
        Emit(Instruction.Create(Code.Retnq));
    }

    /// <summary>Begins a function that takes no argument and changes no register, and returns its offset.</summary>
    public int BeginPlain()
    {
        _bytes.PadTo(64);
        var start = Position;
        Emit(Instruction.Create(Code.Endbr64));
        return start;
    }

    /// <summary>Ends such a function.</summary>
    public void EndPlain() => Emit(Instruction.Create(Code.Retnq));

    /// <summary>A whole function that returns the lower half of XCR0: which registers the operating system saves.</summary>
    public void ReadEnabledState()
    {
        Emit(Instruction.Create(Code.Xor_r32_rm32, Register.ECX, Register.ECX));
        Emit(Instruction.Create(Code.Xgetbv));
        Emit(Instruction.Create(Code.Retnq));
    }

    /// <summary>Loads a register from memory.</summary>
    public void Load(Register register, Place from) => Emit(Instruction.Create(Code.Mov_r64_rm64, register, from.Operand));

    /// <summary>Loads four signed bytes.</summary>
    public void LoadInt(Register register, Place from) => Emit(Instruction.Create(Code.Movsxd_r64_rm32, register, from.Operand));

    /// <summary>Adds what lies in memory.</summary>
    public void Add(Register register, Place more) => Emit(Instruction.Create(Code.Add_r64_rm64, register, more.Operand));

    /// <summary>Adds a register.</summary>
    public void Add(Register register, Register more) => Emit(Instruction.Create(Code.Add_r64_rm64, register, more));

    /// <summary>Loads another number where four signed bytes in memory are less than 0.</summary>
    public void ReplaceIfNegative(Register register, Place number, Place other)
    {
        Emit(Instruction.Create(Code.Cmp_rm32_imm8, number.Operand, 0));
        Emit(Instruction.Create(Code.Cmovl_r64_rm64, register, other.Operand));
    }

    /// <summary>Stores a register to memory.</summary>
    public void Store(Place to, Register register) => Emit(Instruction.Create(Code.Mov_rm64_r64, to.Operand, register));

    /// <summary>Sets a register to a number.</summary>
    public void Set(Register register, int value) => Emit(Instruction.Create(Code.Mov_rm64_imm32, register, value));

    /// <summary>Copies a register.</summary>
    public void Copy(Register to, Register from) => Emit(Instruction.Create(Code.Mov_r64_rm64, to, from));

    /// <summary>Moves a pointer, or changes a counter.</summary>
    public void Advance(Register register, int byteCount)
    {
        if (byteCount is 0) return;
        Emit(Instruction.Create(byteCount is >= -128 and < 128 ? Code.Add_rm64_imm8 : Code.Add_rm64_imm32, register, byteCount));
    }

    /// <summary>Asks for a line of memory that will be read later: it comes into the second-level cache. No address is wrong.</summary>
    public void Prefetch(Place place) => Emit(Instruction.Create(Code.Prefetcht1_m8, place.Operand));

    /// <summary>Makes a register point at a place.</summary>
    public void PointAt(Register register, Place place)
    {
        if (place.ByteOffset == 0) Copy(register, place.Base);
        else Emit(Instruction.Create(Code.Lea_r64_m, register, place.Operand));
    }

    /// <summary>Repeats the body a fixed number of times; <paramref name="counter"/> is taken. Once needs no loop.</summary>
    public void Repeat(Register counter, int times, Action body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 0);
        if (times == 0) return;
        if (times == 1)
        {
            body();
            return;
        }
        Set(counter, times);
        RepeatCounted(counter, body);
    }

    /// <summary>Repeats the body as often as the counter says, at least once.</summary>
    public void RepeatCounted(Register counter, Action body)
    {
        var start = Position;
        body();
        Emit(Instruction.Create(Code.Sub_rm64_imm8, counter, 1));
        Emit(Instruction.CreateBranch(Code.Jne_rel32_64, (ulong)start));
    }

    /// <summary>Repeats the first body as often as the counter says, at least once, and between two times the second.</summary>
    public void RepeatBetween(Register counter, Action body, Action between)
    {
        var start = Position;
        body();
        Emit(Instruction.Create(Code.Sub_rm64_imm8, counter, 1));
        Emit(Instruction.CreateBranch(Code.Je_rel32_64, (ulong)Position));
        var leaving = Position;
        between();
        Emit(Instruction.CreateBranch(Code.Jmp_rel32_64, (ulong)start));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Written[(leaving - 4)..leaving], Position - leaving);
    }

    /// <summary>Counts memory down, and repeats the body once less often than it said, which may be never.</summary>
    public void RepeatOthers(Place counter, Action body)
    {
        CountDown();
        Emit(Instruction.CreateBranch(Code.Je_rel32_64, (ulong)Position));
        var leaving = Position;
        body();
        CountDown();
        Emit(Instruction.CreateBranch(Code.Jne_rel32_64, (ulong)leaving));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Written[(leaving - 4)..leaving], Position - leaving);

        void CountDown() => Emit(Instruction.Create(Code.Sub_rm64_imm8, counter.Operand, 1));
    }

    /// <summary>Keeps what the body would write, so that <see cref="Weave"/> can write it among other instructions, for which the
    /// processor then has no need to wait. The body may not hold loops.</summary>
    public Queue<Instruction> Record(Action body)
    {
        var recorded = _recorded = [];
        body();
        _recorded = null;
        return recorded;
    }

    /// <summary>Writes the next recorded instructions.</summary>
    public void Weave(Queue<Instruction> recorded, int count)
    {
        for (; count > 0 && recorded.Count > 0; count--) Emit(recorded.Dequeue());
    }

    /// <summary>A constant of 64 bytes; equal ones are kept once.</summary>
    public Place Constant(ReadOnlySpan<byte> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, 64);
        for (var i = 0; i < _constants.Count; i++)
            if (vector.SequenceEqual(_constants[i])) return new Place(Register.RIP, i);
        _constants.Add(vector.ToArray());
        return new Place(Register.RIP, _constants.Count - 1);
    }

    /// <summary>The finished block: code, then its constants.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        _bytes.PadTo(64);
        var start = Position;
        foreach (var constant in _constants) _bytes.Add(constant);
        // An address relative to the next instruction is the last thing in an instruction without an immediate operand.
        foreach (var (end, constant) in _references)
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.Written[(end - 4)..end], start + 64 * constant - end);
        return _bytes.Written;
    }

    private void Emit(in Instruction instruction)
    {
        if (_recorded is not null)
        {
            _recorded.Enqueue(instruction);
            return;
        }
        var toConstant = instruction.MemoryBase is Register.RIP;
        var constant = toConstant ? (int)instruction.MemoryDisplacement64 : 0;
        // Any near target does until the constants have their places.
        var written = instruction;
        if (toConstant) written.MemoryDisplacement64 = (ulong)Position;
        _encoder.Encode(written, (ulong)Position);
        if (toConstant) _references.Add((Position, constant));
    }
}
