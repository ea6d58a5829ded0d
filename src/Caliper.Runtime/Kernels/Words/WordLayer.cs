using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Kernels.Words;

/// <summary>A layer whose input is words: what a <see cref="WordConvolution"/> is made for.</summary>
/// <param name="Name">The layer's name, for reports.</param>
/// <param name="Shape">Geometry; the input's strides are those of upper and of lower bytes, the output's those of what is written (of words,
/// the upper bytes).</param>
/// <param name="LowOutput">Where those of the output lie; without meaning where the output is no words.</param>
/// <param name="Weights">As in <see cref="ConvolutionLayer"/>.</param>
/// <param name="InputZeroPoint">The word that stands for 0.</param>
/// <param name="Epilogue">What happens to the sums.</param>
internal sealed record WordLayer(string Name, ConvolutionShape Shape, PlaneStrides LowOutput, LayerWeights Weights,
    ushort InputZeroPoint, WordEpilogue Epilogue)
{
    /// <summary>Whether the sums of each pass fit 32 bits whatever the input is, as both passes being exact asks.</summary>
    public static bool PassesFit(LayerWeights weights) => weights.LargestSum * byte.MaxValue <= int.MaxValue;

    /// <summary>Whether the sums of words themselves do so, too.</summary>
    public static bool SumsFit(LayerWeights weights) => weights.LargestSum * ushort.MaxValue <= int.MaxValue;

    /// <summary>What is written, in bytes from the addresses that a run is given; and the lower bytes of words.</summary>
    public (ByteSpan Output, ByteSpan Low) Reach => (ReachOf(Shape.Output),
        Epilogue.Result is WordResult.Words ? ReachOf(LowOutput) : default);

    private ByteSpan ReachOf(PlaneStrides plane) => ByteSpan.Of((long)Shape.OutputChannels * Epilogue.ElementSize,
        (Shape.Images, plane.Image), (Shape.OutputHeight, plane.Row), (Shape.OutputWidth, plane.Pixel));
}

/// <summary>Where the tensors of one run lie; see <see cref="ConvolutionOperands"/>.</summary>
internal unsafe struct WordOperands
{
    /// <summary>Upper bytes: what the first tap of output pixel (0, 0) of image 0 reads.</summary>
    public byte* Input;

    /// <summary>Lower bytes, likewise.</summary>
    public byte* LowInput;

    /// <summary>Channel 0 of output pixel (0, 0) of image 0: floats, bytes, or the upper bytes of words.</summary>
    public byte* Output;

    /// <summary>The lower bytes of words.</summary>
    public byte* LowOutput;

    /// <summary>This thread's working memory, aligned to 64 bytes, of <see cref="WordConvolution.ScratchBytes"/>.</summary>
    public byte* Scratch;
}
