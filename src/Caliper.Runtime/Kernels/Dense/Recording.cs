namespace Caliper.Kernels.Dense;

/// <summary>What a recorded step does.</summary>
internal enum RecordedKind
{
    /// <summary>Floats of an input; A says which.</summary>
    Input,

    /// <summary>Bytes of an input (A), less an integer (B), as floats.</summary>
    InputBytes,

    /// <summary>Four bytes that are the same in each lane.</summary>
    Constant,

    Add,
    Subtract,
    Multiply,
    Divide,

    /// <summary><c>A·B + C</c>, rounded once.</summary>
    MultiplyAdd,

    /// <summary>IEEE 754's minimum: what is no number wins, and −0 is less than 0.</summary>
    Minimum,

    /// <summary>IEEE 754's maximum.</summary>
    Maximum,

    /// <summary>The processor's: of two, one of which is no number, the second (B).</summary>
    NativeMinimum,

    /// <summary>The processor's: of two, one of which is no number, the second (B).</summary>
    NativeMaximum,

    /// <summary>The bits of A where those of B are 1.</summary>
    And,

    /// <summary>The bits of A, turned where those of B are 1.</summary>
    ExclusiveOr,

    /// <summary>The bits of B where those of A are 1, those of C elsewhere.</summary>
    BitSelect,

    Root,
    Floor,
    Ceiling,
    Round,

    /// <summary>C where A is not less than B, D elsewhere.</summary>
    WhereNotLess,

    /// <summary><c>A·2ᴮ</c>.</summary>
    Scale,
}

/// <summary>A recorded step; its operands are earlier steps.</summary>
internal readonly record struct RecordedStep(RecordedKind Kind, int A = -1, int B = -1, int C = -1, int D = -1, uint Bits = 0)
{
    /// <summary>The operands that are steps.</summary>
    public IEnumerable<int> Operands
    {
        get
        {
            if (Kind is RecordedKind.Input or RecordedKind.Constant) yield break;
            if (Kind is not RecordedKind.InputBytes) yield return A;
            if (B >= 0) yield return B;
            if (C >= 0) yield return C;
            if (D >= 0) yield return D;
        }
    }
}

/// <summary>The steps of functions of floats, in order. What is done twice alike is recorded once.</summary>
internal sealed class Recording
{
    private readonly List<RecordedStep> _steps = [];
    private readonly Dictionary<RecordedStep, int> _known = [];

    /// <summary>What recorded lanes write to on this thread.</summary>
    [ThreadStatic]
    private static Recording? _current;

    /// <summary>What recorded lanes write to on this thread.</summary>
    public static Recording Current => _current ?? throw new InvalidOperationException("Nothing is recorded on this thread.");

    /// <summary>The steps.</summary>
    public IReadOnlyList<RecordedStep> Steps => _steps;

    /// <summary>Appends a step, or finds it, and returns its index.</summary>
    public int Add(RecordedStep step)
    {
        if (_known.TryGetValue(step, out var known)) return known;
        _steps.Add(step);
        return _known[step] = _steps.Count - 1;
    }

    /// <summary>A constant's step.</summary>
    public int Constant(float value) => Constant(BitConverter.SingleToUInt32Bits(value));

    /// <summary>A constant's step.</summary>
    public int Constant(uint bits) => Add(new(RecordedKind.Constant, Bits: bits));

    /// <summary>Records a function of earlier steps and returns the step of its result.</summary>
    public int Record(Func<RecordedLane, RecordedLane> function, int x) => Recorded(() => function(new(x)));

    /// <summary>Records a function of earlier steps and returns the step of its result.</summary>
    public int Record(Func<RecordedLane, RecordedLane, RecordedLane> function, int a, int b) => Recorded(() => function(new(a), new(b)));

    private int Recorded(Func<RecordedLane> function)
    {
        var outer = _current;
        _current = this;
        try
        {
            return function().Step;
        }
        finally
        {
            _current = outer;
        }
    }
}
