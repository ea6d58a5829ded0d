using System.Runtime.InteropServices;
using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>The argument of a assembled function, at the beginning of a thread's working memory; after it lie the place for pixels that
/// are not stored, and the sums of a group.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupCall
{
    public const int InputOffset = 0, OutputOffset = 8, ResidualOffset = 16, BlockOffset = 24, ConstantsOffset = 32, GroupsOffset = 40,
        TableOffset = 48, StrideOffset = 56, StepsOffset = 64, LoopedStepsOffset = 72, NowhereOffset = 80;

    /// <summary>Where output goes that is not wanted: four vectors.</summary>
    public const int Nowhere = 128;

    /// <summary>Where the sums of a group lie: pixel after pixel.</summary>
    public const int Sums = 512;

    /// <summary>First tap of the image's first pixel.</summary>
    public byte* Input;

    /// <summary>First channel of the block, of the image's first pixel.</summary>
    public byte* Output;

    /// <summary>The same of the residual's other operand.</summary>
    public byte* Residual;

    /// <summary>Bias, multipliers and weights of the block of output channels.</summary>
    public byte* Block;

    /// <summary>The layer's constants.</summary>
    public byte* Constants;

    /// <summary>How many groups, at least one; counted down.</summary>
    public long Groups;

    /// <summary>The first group in its table.</summary>
    public byte* Table;

    /// <summary>Bytes from the input of a pixel to the next one's.</summary>
    public long Stride;

    /// <summary>How far the input moves after each step.</summary>
    public long* Steps;

    /// <summary>Steps after those that are written out.</summary>
    public long LoopedSteps;

    /// <summary>The address of <see cref="Nowhere"/>.</summary>
    public byte* NowhereAddress;

    /// <summary>A field as assembled code reads it.</summary>
    public static Place At(int offset) => new(CodeWriter.Argument, offset);
}
