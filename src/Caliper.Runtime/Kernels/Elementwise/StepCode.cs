using Caliper.Assembly;
using Caliper.Kernels.Dense;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Elementwise;

/// <summary>Writes the steps of a program for sixteen numbers: each number that is alive has a register, constants are read where they lie.</summary>
internal sealed class StepCode
{
    private readonly CodeWriter _code;
    private readonly FusedProgram _program;
    private readonly Action<RecordedStep, int> _load;
    private readonly LaneRegisters _registers;
    private readonly Register _mask;
    private readonly Dictionary<int, int> _registerOf = [];
    private readonly List<int> _borrowed = [];
    private int _now;

    /// <summary>Begins.</summary>
    /// <param name="code">What is written to.</param>
    /// <param name="program">The program.</param>
    /// <param name="registers">Those that may be taken.</param>
    /// <param name="mask">A mask register that may be taken.</param>
    /// <param name="load">Loads an input's numbers to a register.</param>
    public StepCode(CodeWriter code, FusedProgram program, LaneRegisters registers, Register mask, Action<RecordedStep, int> load) =>
        (_code, _program, _registers, _mask, _load) = (code, program, registers, mask, load);

    /// <summary>Writes all steps and returns the register of the result, which is the caller's.</summary>
    public int Write()
    {
        for (_now = 0; _now < _program.Steps.Count; _now++)
        {
            var step = _program.Steps[_now];
            if (!_program.IsNeeded(_now) || step.Kind is RecordedKind.Constant) continue;
            _registerOf[_now] = Write(step);
            foreach (var operand in step.Operands.Distinct())
                if (IsLast(operand) && _registerOf.Remove(operand, out var register) && register != _registerOf[_now]) _registers.Free(register);
            foreach (var borrowed in _borrowed) if (borrowed != _registerOf[_now]) _registers.Free(borrowed);
            _borrowed.Clear();
        }
        // A constant result has no register yet.
        return _registerOf.TryGetValue(_program.Result, out var result) ? result : Broadcast(_program.Result);
    }

    private bool IsConstant(int step) => _program.Steps[step].Kind is RecordedKind.Constant;

    private bool IsLast(int step) => _program.LastUses[step] == _now;

    private Place PlaceOf(int constant) => _program.PlaceOf(_program.Steps[constant]);

    /// <summary>A register with a step's number; a constant is put into one for this step alone.</summary>
    private int RegisterOf(int step)
    {
        if (!IsConstant(step)) return _registerOf[step];
        var register = Broadcast(step);
        _borrowed.Add(register);
        return register;
    }

    private int Broadcast(int constant)
    {
        var register = _registers.Take();
        _code.Broadcast(register, PlaceOf(constant));
        return register;
    }

    private LaneOperand Operand(int step) => IsConstant(step) ? PlaceOf(step) : _registerOf[step];

    private int Write(RecordedStep step)
    {
        switch (step.Kind)
        {
            case RecordedKind.Input or RecordedKind.InputBytes: return Input(step);
            case RecordedKind.Add: return Commuting(step, _code.AddLanes);
            case RecordedKind.Multiply: return Commuting(step, _code.MultiplyLanes);
            case RecordedKind.And: return Commuting(step, (to, left, right) => _code.AndLanes(to, left, right));
            case RecordedKind.ExclusiveOr: return Commuting(step, _code.ExclusiveOrLanes);
            case RecordedKind.Subtract: return OfTwo(step.A, step.B, _code.SubtractLanes);
            case RecordedKind.Divide: return OfTwo(step.A, step.B, _code.DivideLanes);
            case RecordedKind.Scale: return OfTwo(step.A, step.B, _code.ScaleLanes);
            case RecordedKind.NativeMaximum: return OfTwo(step.A, step.B, (to, left, right) => _code.GreaterLanes(to, left, right));
            case RecordedKind.NativeMinimum: return OfTwo(step.A, step.B, _code.LesserLanes);
            case RecordedKind.Maximum: return Extreme(step, isMaximum: true);
            case RecordedKind.Minimum: return Extreme(step, isMaximum: false);
            case RecordedKind.MultiplyAdd: return MultiplyAdd(step);
            case RecordedKind.BitSelect: return BitSelect(step);
            case RecordedKind.WhereNotLess: return WhereNotLess(step);
            case RecordedKind.Root: return OfOne(step.A, _code.RootLanes);
            case RecordedKind.Round: return OfOne(step.A, _code.RoundLanes);
            case RecordedKind.Floor: return OfOne(step.A, _code.FloorLanes);
            case RecordedKind.Ceiling: return OfOne(step.A, _code.CeilingLanes);
            default: throw new InvalidOperationException($"Nobody writes code of {step.Kind}.");
        }
    }

    private int Input(RecordedStep step)
    {
        var to = _registers.Take();
        _load(step, to);
        if (step.Kind is not RecordedKind.InputBytes) return to;
        if (step.B >= 0) _code.SubtractIntegers(to, to, Operand(step.B));
        _code.ToFloat(to);
        return to;
    }

    private int OfOne(int a, Action<int, int> write)
    {
        var (from, to) = (RegisterOf(a), ResultOver(a));
        write(to, from);
        return to;
    }

    private int Commuting(RecordedStep step, Action<int, int, LaneOperand> write) =>
        IsConstant(step.A) ? OfTwo(step.B, step.A, write) : OfTwo(step.A, step.B, write);

    private int OfTwo(int a, int b, Action<int, int, LaneOperand> write)
    {
        var (left, right) = (RegisterOf(a), Operand(b));
        var to = ResultOver(a, b);
        write(to, left, right);
        return to;
    }

    /// <summary>A register for a result: that of an operand that nobody reads any more, or a free one.</summary>
    private int ResultOver(params int[] operands)
    {
        foreach (var operand in operands)
            if (!IsConstant(operand) && IsLast(operand)) return _registerOf[operand];
        return _registers.Take();
    }

    /// <summary>The processor's instruction takes the second of two zeros, or of two of which one is no number. With a constant that is enough,
    /// but that it would keep a −0 beside a 0.</summary>
    private int Extreme(RecordedStep step, bool isMaximum)
    {
        var (a, b) = IsConstant(step.B) ? (step.B, step.A) : (step.A, step.B);
        if (IsConstant(a) && IsPlainBound(_program.Steps[a].Bits, isMaximum))
        {
            var (bound, x) = (RegisterOf(a), Operand(b));
            var to = ResultOver(b);
            if (isMaximum) _code.GreaterLanes(to, bound, x);
            else _code.LesserLanes(to, bound, x);
            if (isMaximum && _program.Steps[a].Bits == 0) _code.AddLanes(to, to, bound);
            return to;
        }
        return ExtremeOfAny(RegisterOf(a), RegisterOf(b), isMaximum);
    }

    private static bool IsPlainBound(uint bits, bool isMaximum) =>
        !float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) && (isMaximum || bits != 0x8000_0000);

    private int ExtremeOfAny(int a, int b, bool isMaximum)
    {
        var to = _registers.Take();
        if (isMaximum) _code.GreaterLanes(to, a, b);
        else _code.LesserLanes(to, a, b);
        // Of two that are equal the bits are, too, unless they are zeros.
        _code.CompareLanes(_mask, a, b, LaneComparison.Equal);
        if (isMaximum) _code.AndLanes(to, a, b, _mask);
        else _code.OrLanes(to, a, b, _mask);
        _code.CompareLanes(_mask, a, b, LaneComparison.Unordered);
        _code.AddLanesWhere(_mask, to, a, b);
        return to;
    }

    /// <summary>One of three registers is written over; which of the three forms does it depends on who is needed further.</summary>
    private int MultiplyAdd(RecordedStep step)
    {
        var (a, b, c) = IsConstant(step.A) ? (step.B, step.A, step.C) : (step.A, step.B, step.C);
        var left = RegisterOf(a);
        if (!IsConstant(c) && IsLast(c) && c != a && c != b)
        {
            _code.AddProductOf(_registerOf[c], left, Operand(b));
            return _registerOf[c];
        }
        var mayTakeA = !IsConstant(a) && IsLast(a) && a != b && a != c;
        if (mayTakeA && !IsConstant(c))
        {
            _code.MultiplyByThenAdd(left, _registerOf[c], Operand(b));
            return left;
        }
        if (mayTakeA && !IsConstant(b))
        {
            _code.MultiplyThenAdd(left, _registerOf[b], Operand(c));
            return left;
        }
        var to = _registers.Take();
        if (IsConstant(c)) _code.Broadcast(to, PlaceOf(c));
        else _code.Copy(to, _registerOf[c]);
        _code.AddProductOf(to, left, Operand(b));
        return to;
    }

    private int BitSelect(RecordedStep step)
    {
        var to = _registers.Take();
        if (IsConstant(step.A)) _code.Broadcast(to, PlaceOf(step.A));
        else _code.Copy(to, _registerOf[step.A]);
        _code.SelectBits(to, RegisterOf(step.B), Operand(step.C));
        return to;
    }

    private int WhereNotLess(RecordedStep step)
    {
        if (IsConstant(step.A)) _code.CompareLanes(_mask, RegisterOf(step.B), Operand(step.A), LaneComparison.NotGreater);
        else _code.CompareLanes(_mask, _registerOf[step.A], Operand(step.B), LaneComparison.NotLess);
        return OfTwo(step.D, step.C, (to, otherwise, then) => _code.BlendLanes(to, _mask, otherwise, then));
    }
}
