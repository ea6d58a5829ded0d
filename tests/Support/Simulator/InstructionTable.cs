using System.Collections.Frozen;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>Does what one instruction says.</summary>
internal delegate void Execute(SimulatedProcessor processor, in Instruction instruction);

/// <summary>An instruction that the simulator knows.</summary>
/// <param name="Code">Which.</param>
/// <param name="Run">What it does.</param>
/// <param name="TakesMask">Whether also where it names an opmask.</param>
internal readonly record struct KnownInstruction(Code Code, Execute Run, bool TakesMask = false)
{
    /// <summary>The same of 64, 32 and 16 bytes, which the decoder's list has one after another.</summary>
    public static IEnumerable<KnownInstruction> Sized(Code widest, Execute run, bool takesMask = false) =>
        [new(widest, run, takesMask), new(widest - 1, run, takesMask), new(widest - 2, run, takesMask)];
}

/// <summary>All instructions that the simulator knows: those that the writers of code emit, and no other.</summary>
internal static class InstructionTable
{
    private static readonly FrozenDictionary<Code, KnownInstruction> Known = GeneralInstructions.All
        .Concat(VectorMoves.All).Concat(LaneInstructions.All).Concat(QuarterInstructions.All).Concat(TileInstructions.All)
        .ToFrozenDictionary(i => i.Code);

    /// <summary>What an instruction does.</summary>
    /// <exception cref="SimulationException">It is not known in this form.</exception>
    public static Execute Find(in Instruction instruction)
    {
        var isPlain = !instruction.IsBroadcast && instruction.RoundingControl is RoundingControl.None && !instruction.SuppressAllExceptions;
        if (isPlain && Known.TryGetValue(instruction.Code, out var known) && (known.TakesMask || !instruction.HasOpMask)) return known.Run;
        throw new SimulationException($"The simulator does not know '{instruction}' ({instruction.Code}).");
    }
}
