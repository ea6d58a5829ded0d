using Caliper.Kernels;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Elementwise;

namespace Caliper.Engine.Steps;

/// <summary>A program of floats that becomes part of another step: it runs over rows that lie side by side, as one row.</summary>
internal sealed unsafe class RowProgram
{
    private readonly FloatProgram _program;
    private readonly FusedKernel? _fused;
    private readonly MapRun?[] _maps;
    private readonly ZipRun?[] _zips;

    /// <summary>Plans a program of floats that <see cref="Takes"/> allows.</summary>
    public RowProgram(FloatProgram program, StepFactory factory)
    {
        _program = program;
        if (ProgramRecording.Of(program) is { } recorded) _fused = FusedKernel.Create(recorded, factory.Resources, factory.Kernels);
        _maps = [.. program.Calls.Select(c => c.One?.For(factory.Kernels))];
        _zips = [.. program.Calls.Select(c => c.Two?.For(factory.Kernels))];
    }

    /// <summary>What it reads of constants.</summary>
    public IEnumerable<ConstantReach> Constants => _fused is { } fused ? [fused.Constants] : [];

    /// <summary>How many times as much working memory it needs as a row.</summary>
    public int ScratchTiles => _fused is null ? _program.Calls.Length - 1 : 0;

    /// <summary>Whether a program has functions of floats alone and gives floats.</summary>
    public static bool Takes(FloatProgram program) =>
        program is { Result: null, Calls.Length: > 0 } && program.Inputs.All(i => i is { Scale: null, Table: null });

    /// <summary>Computes a row, which may be written over an input.</summary>
    public void Run(ReadOnlySpan<nint> inputs, float* output, int count, float* scratch)
    {
        if (_fused is not null)
        {
            var call = new FusedCall { Output = (byte*)output };
            for (var i = 0; i < inputs.Length; i++) call.Inputs[i] = inputs[i];
            _fused.Run(ref call, count);
            return;
        }
        var values = stackalloc float*[FloatProgram.MostInputs + FloatProgram.MostCalls];
        for (var i = 0; i < inputs.Length; i++) values[i] = (float*)inputs[i];
        for (var i = 0; i < _program.Calls.Length; i++)
        {
            var call = _program.Calls[i];
            var to = values[inputs.Length + i] = i == _program.Calls.Length - 1 ? output : scratch + (long)i * count;
            if (_maps[i] is { } map) map(values[call.A], to, count);
            else _zips[i]!(values[call.A], values[call.B], to, count);
        }
    }
}
