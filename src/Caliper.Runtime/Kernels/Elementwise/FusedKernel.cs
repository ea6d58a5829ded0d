using Caliper.Assembly;

namespace Caliper.Kernels.Elementwise;

/// <summary>Makes the kernel of a program, or returns null where it does not take such a one.</summary>
internal delegate FusedKernel? FusedMaker(FusedProgram program, KernelResources resources);

/// <summary>
/// A chain of functions of floats in one pass: numbers are loaded, go through all functions in registers, and are stored as what they become.
/// Without it, each function is a pass over a tile in the first cache.
/// </summary>
internal sealed unsafe class FusedKernel
{
    /// <summary>All of them.</summary>
    public static KernelTable<FusedMaker> All { get; } = new("functions",
        new("assembled", KernelSet.Assembled, () => AssembledCode.WhyNot, TryCreate),
        new("vector", KernelSet.Portable, Machine.Nothing, (_, _) => null));

    private readonly FusedFunction _function;
    private readonly PackedPiece _table;

    private FusedKernel(FusedFunction function, PackedPiece table, int constants)
    {
        _function = function;
        _table = table;
        Constants = ConstantReach.Of("constants", table, (long)sizeof(uint) * constants);
    }

    /// <summary>What it reads of its table.</summary>
    public ConstantReach Constants { get; }

    /// <summary>The kernel of a program; null where functions go one after the other.</summary>
    public static FusedKernel? Create(FusedProgram program, KernelResources resources, KernelSet set) => All.Choose(set).Run(program, resources);

    /// <summary>Computes a run.</summary>
    /// <param name="call">Where inputs and outputs lie; the rest is filled in.</param>
    /// <param name="count">How many numbers.</param>
    public void Run(ref FusedCall call, int count)
    {
        call.Table = (uint*)_table.Start;
        var (whole, left) = (count / 16, count % 16);
        (call.Groups, call.Whole, call.Left) = (whole / _function.Vectors, whole % _function.Vectors, (1 << left) - 1);
        fixed (FusedCall* argument = &call) _function.Run(argument);
    }

    private static FusedKernel? TryCreate(FusedProgram program, KernelResources resources)
    {
        if (program.Inputs > FusedCall.MostInputs) return null;
        var functions = resources.Model.Shared(() => new FusedFunctionCache(resources.Machine));
        if (functions.Get(program) is not { } function) return null;
        var constants = new byte[sizeof(uint) * program.Constants.Count];
        for (var i = 0; i < program.Constants.Count; i++) BitConverter.TryWriteBytes(constants.AsSpan(sizeof(uint) * i), program.Constants[i]);
        var table = resources.Model.Shared(() => new PackedMemory()).Keep(constants);
        return new FusedKernel(function, table, function.Constants);
    }
}

/// <summary>The code of programs of one structure.</summary>
internal sealed unsafe class FusedFunction(PlacedCode code, int start, int vectors, int constants) : IDisposable
{
    /// <summary>How many constants the code reads: those of the program that it was written for.</summary>
    public int Constants => constants;

    /// <summary>How many vectors it takes at a time.</summary>
    public int Vectors => vectors;

    public void Run(FusedCall* call) => code.Call(start, call, sizeof(FusedCall));

    public void Dispose() => code.Dispose();
}

/// <summary>The functions of a model, shared by programs of the same structure.</summary>
internal sealed class FusedFunctionCache(CodeMachine machine) : IDisposable
{
    private readonly Dictionary<string, FusedFunction?> _made = new(StringComparer.Ordinal);

    /// <summary>The function of a program, made at the first call; null where registers do not suffice, or the system gives no executable
    /// pages.</summary>
    public FusedFunction? Get(FusedProgram program)
    {
        if (!_made.TryGetValue(program.Structure, out var function)) _made.Add(program.Structure, function = TryMake(program));
        return function;
    }

    public void Dispose()
    {
        foreach (var function in _made.Values) function?.Dispose();
    }

    private FusedFunction? TryMake(FusedProgram program)
    {
        for (var vectors = FusedCode.MostVectors; vectors > 0; vectors--)
        {
            var code = new CodeWriter();
            if (new FusedCode(code, program, vectors).TryWrite() is not { } start) continue;
            return machine.TryPlace(code.Finish()) is { } placed ? new FusedFunction(placed, start, vectors, program.Constants.Count) : null;
        }
        return null;
    }
}
