using Caliper.Kernels.Dense;
using Caliper.Kernels.Elementwise;

namespace Caliper.Engine.Steps;

/// <summary>A program of functions as their steps, from the bytes or floats that are read to what is written.</summary>
internal static class ProgramRecording
{
    /// <summary>The steps; null where a function has none, or there are no functions.</summary>
    public static FusedProgram? Of(FloatProgram program)
    {
        if (program.Calls.Length == 0) return null;
        var recording = new Recording();
        int[] values = [.. program.Inputs.Select((input, i) => Read(recording, input, i)), .. new int[program.Calls.Length]];
        for (var i = 0; i < program.Calls.Length; i++)
        {
            var call = program.Calls[i];
            if (call.One?.Recorded is { } one) values[program.Inputs.Length + i] = recording.Record(one, values[call.A]);
            else if (call.Two?.Recorded is { } two) values[program.Inputs.Length + i] = recording.Record(two, values[call.A], values[call.B]);
            else return null;
        }
        return new FusedProgram(recording, values[^1], program.Inputs.Length, TargetOf(program.Result));
    }

    /// <summary>Whether a program that is recorded reads an input's bytes, not floats that were made of them.</summary>
    public static bool ReadsBytes(TileInput input) => input is { Scale: not null, Table: null };

    private static int Read(Recording recording, TileInput input, int index)
    {
        if (!ReadsBytes(input)) return recording.Add(new(RecordedKind.Input, index));
        var scale = input.Scale!.Value;
        var zero = scale.ZeroPoint == 0 ? -1 : recording.Constant((uint)scale.ZeroPoint);
        var whole = recording.Add(new(RecordedKind.InputBytes, index, zero));
        return scale.Scale == 1 ? whole : recording.Add(new(RecordedKind.Multiply, whole, recording.Constant(scale.Scale)));
    }

    private static FusedTarget TargetOf(TileResult? result) => result switch
    {
        null => new(FusedResult.Floats),
        { Words: not null } => new(FusedResult.Words, result.Steps, 0, ushort.MaxValue),
        { Range: var range } => new(FusedResult.Bytes, result.Steps, range.Low, range.High),
    };
}
