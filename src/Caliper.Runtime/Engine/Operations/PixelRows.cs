using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>A 1×1 convolution does not care where a row ends: rows, and then images, that follow each other without a gap are
/// joined into one long row.</summary>
internal static class PixelRows
{
    public static ConvolutionShape Join(ConvolutionShape shape)
    {
        if (shape is not { KernelHeight: 1, KernelWidth: 1, StrideX: 1, StrideY: 1 }) return shape;
        var hasResidual = shape.Residual != default;
        if (Follows(shape.Input) && Follows(shape.Output) && (!hasResidual || Follows(shape.Residual)))
            shape = shape with { OutputHeight = 1, OutputWidth = shape.OutputHeight * shape.OutputWidth };
        if (shape.OutputHeight == 1 && FollowsImage(shape.Input) && FollowsImage(shape.Output) && (!hasResidual || FollowsImage(shape.Residual)))
            shape = shape with { Images = 1, OutputWidth = shape.Images * shape.OutputWidth };
        return shape;

        bool Follows(PlaneStrides plane) => shape.OutputHeight == 1 || plane.Row == (long)plane.Pixel * shape.OutputWidth;

        bool FollowsImage(PlaneStrides plane) => shape.Images == 1 || plane.Image == (long)plane.Pixel * shape.OutputWidth;
    }
}
