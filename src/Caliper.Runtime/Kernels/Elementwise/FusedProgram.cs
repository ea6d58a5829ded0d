using Caliper.Assembly;
using Caliper.Kernels.Dense;
using Iced.Intel;

namespace Caliper.Kernels.Elementwise;

/// <summary>What a program of functions writes.</summary>
internal enum FusedResult
{
    /// <summary>Floats.</summary>
    Floats,

    /// <summary>Bytes in steps of a scale.</summary>
    Bytes,

    /// <summary>Integers of 16 bits in steps of a scale, their upper and lower bytes apart.</summary>
    Words,
}

/// <summary>What a program of functions writes, and of integers what they stand for.</summary>
/// <param name="Result">The kind.</param>
/// <param name="Steps">Their steps.</param>
/// <param name="Least">The least integer.</param>
/// <param name="Greatest">The greatest.</param>
internal readonly record struct FusedTarget(FusedResult Result, StepProducts Steps = default, int Least = 0, int Greatest = 0);

/// <summary>Functions of floats as one: the steps that were recorded, without those that nobody needs. Numbers that are constant lie in a table
/// beside the code, so that programs of the same steps share it.</summary>
internal sealed class FusedProgram
{
    /// <summary>The register that points at the table of constants.</summary>
    public const Register Table = Register.RCX;

    private readonly Dictionary<uint, int> _places = [];
    private readonly List<uint> _constants = [];

    /// <summary>Takes over what was recorded.</summary>
    /// <param name="recording">The steps.</param>
    /// <param name="result">The step whose number is written.</param>
    /// <param name="inputs">How many inputs there are.</param>
    /// <param name="target">What is written.</param>
    public FusedProgram(Recording recording, int result, int inputs, FusedTarget target)
    {
        (Steps, Result, Inputs, Target) = (recording.Steps, result, inputs, target);
        LastUses = LastUsesOf(recording.Steps, result);
        for (var i = 0; i < Steps.Count; i++)
        {
            if (!IsNeeded(i) || Steps[i] is not { Kind: RecordedKind.Constant, Bits: var bits }) continue;
            if (_places.TryAdd(bits, _constants.Count)) _constants.Add(bits);
        }
        FirstOfTarget = _constants.Count;
        if (target.Result is not FusedResult.Floats) _constants.AddRange(TargetConstants.Of(target));
        Structure = Text();
    }

    /// <summary>The steps.</summary>
    public IReadOnlyList<RecordedStep> Steps { get; }

    /// <summary>The step whose number is written.</summary>
    public int Result { get; }

    /// <summary>How many inputs there are.</summary>
    public int Inputs { get; }

    /// <summary>What is written.</summary>
    public FusedTarget Target { get; }

    /// <summary>Of each step the last one that reads it; -1 where nobody does.</summary>
    public int[] LastUses { get; }

    /// <summary>All constants, in the order of the table.</summary>
    public IReadOnlyList<uint> Constants => _constants;

    /// <summary>Where the constants of <see cref="TargetConstants"/> begin.</summary>
    public int FirstOfTarget { get; }

    /// <summary>The same for programs that the same code computes.</summary>
    public string Structure { get; }

    /// <summary>Whether anybody reads a step.</summary>
    public bool IsNeeded(int step) => LastUses[step] >= 0;

    /// <summary>Where the constant of a step lies.</summary>
    public Place PlaceOf(RecordedStep constant) => new(Table, sizeof(uint) * _places[constant.Bits]);

    private static int[] LastUsesOf(IReadOnlyList<RecordedStep> steps, int result)
    {
        var last = new int[steps.Count];
        Array.Fill(last, -1);
        // What is written is read after all steps.
        last[result] = steps.Count;
        for (var i = steps.Count - 1; i >= 0; i--)
            if (last[i] >= 0) foreach (var operand in steps[i].Operands) last[operand] = Math.Max(last[operand], i);
        return last;
    }

    // Code depends on a constant only where that is 0.
    private string Text() => string.Join(';', Steps.Select((s, i) => !IsNeeded(i) ? ""
        : s.Kind is RecordedKind.Constant ? $"{_places[s.Bits]}{(s.Bits == 0 ? "z" : "")}" : $"{s.Kind} {s.A} {s.B} {s.C} {s.D}"))
        + $" {Result} {Target.Result} {Target.Steps.AreExact}";
}
