using System.Runtime.InteropServices;
using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The argument of a assembled function: where the bands lie that it is to compute.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BandCall
{
    public const int InputOffset = 0, OutputOffset = 8, ResidualOffset = 16, BlockOffset = 24, ConstantsOffset = 32, BandsOffset = 40,
        ToLowInputOffset = 48, ToLowOutputOffset = 56, TilesOffset = 64, ToNextInputOffset = 72, ToNextOutputOffset = 80, ToRowBelowOffset = 88;

    /// <summary>First tap of the first band's first pixel.</summary>
    public byte* Input;

    /// <summary>First channel of the block, of the first band's first pixel.</summary>
    public byte* Output;

    /// <summary>The same of the residual's other operand.</summary>
    public byte* Residual;

    /// <summary>Bias, multipliers and weights of the block of output channels.</summary>
    public byte* Block;

    /// <summary>The layer's <see cref="LayerConstants"/>.</summary>
    public byte* Constants;

    /// <summary>How many bands, at least one.</summary>
    public long Bands;

    /// <summary>Of words, bytes from the upper byte of an input to its lower byte.</summary>
    public long ToLowInput;

    /// <summary>The same of an output.</summary>
    public long ToLowOutput;

    /// <summary>For code of any size: how many tiles of a band are wide.</summary>
    public long Tiles;

    /// <summary>For code of any size: bytes from a band's input to the next one's.</summary>
    public long ToNextInput;

    /// <summary>The same of an output.</summary>
    public long ToNextOutput;

    /// <summary>For code of any size: bytes from a row of the window to the one below.</summary>
    public long ToRowBelow;

    /// <summary>A field as assembled code reads it.</summary>
    public static Place At(int offset) => new(CodeWriter.Argument, offset);
}
