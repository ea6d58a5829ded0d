using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Engine.Operations;

/// <summary>Every so-manieth pixel of every so-manieth row. What a dilated window computes on one of them, it computes without dilation on
/// an image of these pixels alone, which lie at greater strides.</summary>
/// <param name="Row">Its first row.</param>
/// <param name="Column">Its first pixel.</param>
/// <param name="StepY">Rows from one to the next.</param>
/// <param name="StepX">Pixels from one to the next.</param>
internal readonly record struct Lattice(int Row, int Column, int StepY, int StepX)
{
    /// <summary>The lattices into which a convolution is cut: one that is the whole, but for a dilated depthwise window that has more outputs at a
    /// time than registers.</summary>
    public static IEnumerable<Lattice> Of(ConvolutionShape shape)
    {
        if (!shape.IsDepthwise || shape is not { StrideX: 1, StrideY: 1 } || DepthwiseCode.Fits(new ColumnWalk(shape))) return [new(0, 0, 1, 1)];
        return from row in Enumerable.Range(0, Math.Min(shape.DilationY, shape.OutputHeight))
               from column in Enumerable.Range(0, Math.Min(shape.DilationX, shape.OutputWidth))
               select new Lattice(row, column, shape.DilationY, shape.DilationX);
    }

    /// <summary>The convolution of its pixels.</summary>
    public ConvolutionShape Of(in ConvolutionShape shape) => this is (0, 0, 1, 1) ? shape : shape with
    {
        OutputHeight = (shape.OutputHeight - Row + StepY - 1) / StepY,
        OutputWidth = (shape.OutputWidth - Column + StepX - 1) / StepX,
        DilationY = 1,
        DilationX = 1,
        Input = Strides(shape.Input),
        Output = Strides(shape.Output),
        Residual = Strides(shape.Residual),
    };

    /// <summary>Bytes from the first pixel of the whole to its own.</summary>
    public long Offset(PlaneStrides plane) => (long)Row * plane.Row + (long)Column * plane.Pixel;

    private PlaneStrides Strides(PlaneStrides plane) => new(checked(plane.Pixel * StepX), checked(plane.Row * StepY), plane.Image);
}
