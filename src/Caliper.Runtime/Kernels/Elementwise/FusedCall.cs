using Caliper.Assembly;

namespace Caliper.Kernels.Elementwise;

/// <summary>What assembled code is given of a run of numbers; offsets are those of the fields.</summary>
internal unsafe struct FusedCall
{
    public const int MostInputs = 8;

    public const int TableOffset = 0, GroupsOffset = 8, WholeOffset = 16, LeftOffset = 24, OutputsOffset = 32, InputsOffset = 48;

    /// <summary>The program's constants.</summary>
    public uint* Table;

    /// <summary>How many times as many vectors as go at a time.</summary>
    public long Groups;

    /// <summary>How many vectors of sixteen are left.</summary>
    public long Whole;

    /// <summary>A bit for each number that is left then.</summary>
    public long Left;

    /// <summary>Floats, bytes, or the upper bytes of words.</summary>
    public byte* Output;

    /// <summary>The lower bytes of words.</summary>
    public byte* LowOutput;

    /// <summary>Where the inputs lie, each side by side.</summary>
    public fixed long Inputs[MostInputs];

    /// <summary>Where a field lies for assembled code.</summary>
    public static Place At(int offset) => new(CodeWriter.Argument, offset);
}
