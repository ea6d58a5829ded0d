using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Pixels;

/// <summary>The walk of a depthwise convolution of floats: along window rows and columns, a product at a time.</summary>
internal sealed record WindowWalk(int KernelHeight, int KernelWidth, int RowStride, int TapStride) : Walk
{
    public WindowWalk(ConvolutionShape shape) : this(
        shape.KernelHeight, shape.KernelWidth, shape.DilationY * shape.Input.Row, shape.DilationX * shape.Input.Pixel)
    { }

    public override int Quads => KernelHeight * KernelWidth;

    /// <summary>What a tap adds to the place of a pixel.</summary>
    public int OffsetOf(int tap) => tap / KernelWidth * RowStride + tap % KernelWidth * TapStride;

    public override int WeightAt(int quad, int byteOfQuad) => sizeof(float) * quad + byteOfQuad;
}
