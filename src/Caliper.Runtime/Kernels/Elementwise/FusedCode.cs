using Caliper.Assembly;
using Caliper.Kernels.Dense;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Elementwise;

/// <summary>
/// Writes the function of a program: some vectors of sixteen numbers at a time, then single ones, then as many numbers as are left. A chain of
/// functions is a chain of instructions that wait for each other; those of several vectors, taking turns, do not.
/// </summary>
/// <param name="code">What is written to.</param>
/// <param name="program">The program.</param>
/// <param name="vectors">How many at a time; each has an equal share of the registers.</param>
internal sealed class FusedCode(CodeWriter code, FusedProgram program, int vectors)
{
    /// <summary>The most vectors at a time.</summary>
    public const int MostVectors = 4;

    private const int Lanes = 16;

    private const Register Counter = Register.RDX, Element = Register.RSI, Bits = Register.RAX, Left = Register.K7;

    private static readonly Register[] Inputs =
        [Register.R8, Register.R9, Register.R10, Register.R11, Register.RBX, Register.RBP, Register.R12, Register.R13];

    private static readonly Register[] Outputs = [Register.R14, Register.R15];

    /// <summary>Writes the function and returns its offset; null where the share of registers does not suffice.</summary>
    public int? TryWrite()
    {
        try
        {
            return Write();
        }
        catch (NoRegisterException)
        {
            return null;
        }
    }

    private int Write()
    {
        var start = code.BeginFunction();
        code.Load(FusedProgram.Table, FusedCall.At(FusedCall.TableOffset));
        for (var i = 0; i < program.Inputs; i++) code.Load(Inputs[i], FusedCall.At(FusedCall.InputsOffset + 8 * i));
        for (var i = 0; i < Outputs.Length; i++) code.Load(Outputs[i], FusedCall.At(FusedCall.OutputsOffset + 8 * i));
        code.Set(Element, 0);
        code.Load(Counter, FusedCall.At(FusedCall.GroupsOffset));
        code.RepeatIfAny(Counter, () => WriteLanes(vectors, Register.None));
        code.Load(Counter, FusedCall.At(FusedCall.WholeOffset));
        code.RepeatIfAny(Counter, () => WriteLanes(1, Register.None));
        code.Load(Bits, FusedCall.At(FusedCall.LeftOffset));
        code.IfAny(Bits, () =>
        {
            code.CopyToMask(Left, Bits);
            WriteLanes(1, Left);
        });
        code.EndFunction();
        return start;
    }

    private void WriteLanes(int count, Register mask)
    {
        var share = CodeWriter.VectorCount / count;
        var chains = Enumerable.Range(0, count).Select(vector => code.Record(() => WriteVector(vector, share, mask))).ToArray();
        while (chains.Any(c => c.Count > 0))
            foreach (var chain in chains) code.Weave(chain, 1);
        code.Advance(Element, Lanes * count);
    }

    private void WriteVector(int vector, int share, Register mask)
    {
        var (registers, own, at) = (new LaneRegisters(vector * share, share), Register.K1 + vector, vector * Lanes);
        var result = new StepCode(code, program, registers, own, (step, to) =>
        {
            if (step.Kind is RecordedKind.Input) code.LoadLanes(to, Inputs[step.A], Element, at, mask);
            else code.LoadBytesToLanes(to, Inputs[step.A], Element, at, mask);
        }).Write();
        if (program.Target.Result is FusedResult.Floats) code.StoreLanes(Outputs[0], Element, at, result, mask);
        else StoreIntegers(result, registers, at, own, mask);
    }

    /// <summary>As <see cref="WideSteps"/> does it.</summary>
    private void StoreIntegers(int x, LaneRegisters registers, int at, Register normal, Register mask)
    {
        var q = x;
        if (!program.Target.Steps.AreExact) code.DivideLanes(x, x, At(TargetConstants.Step));
        else
        {
            q = registers.Take();
            code.TestBits(normal, x, At(TargetConstants.Exponent));
            code.Broadcast(q, At(TargetConstants.Added));
            code.AddProductOf(q, x, At(TargetConstants.Low), normal);
            code.AddProductOf(q, x, At(TargetConstants.High), normal);
        }
        // What is no number becomes the least integer.
        code.GreaterLanes(q, q, At(TargetConstants.LeastFloat));
        code.LesserLanes(q, q, At(TargetConstants.GreatestFloat));
        code.ToInteger(q);
        code.AddIntegers(q, q, At(TargetConstants.ZeroPoint));
        if (program.Target.Result is FusedResult.Words)
        {
            code.StoreLowBytes(Outputs[1], Element, at, q, mask);
            code.DropLowByte(q, q);
        }
        code.StoreLowBytes(Outputs[0], Element, at, q, mask);
    }

    private Place At(int constant) => new(FusedProgram.Table, sizeof(uint) * (program.FirstOfTarget + constant));
}
