using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>What a convolution is without its numbers: a window over an image, and groups of channels.</summary>
/// <param name="Window">Geometry.</param>
/// <param name="Groups">Output channels are split into so many groups, each reading its share of the input channels.</param>
internal sealed record ConvolutionGeometry(Window Window, int Groups)
{
    /// <summary>Whether each output channel reads the one input channel of the same index.</summary>
    public bool IsDepthwise(int[] input, int[] output) => Groups > 1 && Groups == input[1] && Groups == output[1];

    /// <summary>Whether fewer steps of four bytes read a row of the window when its pixels touch: the row is then one run, whose
    /// end alone is filled up.</summary>
    /// <param name="channels">Channels of the input.</param>
    public bool GainsFromTouchingPixels(int channels) => Groups == 1 && Window.DilationX == 1
        && (channels * Window.KernelWidth + 3) / 4 < Window.KernelWidth * ((channels + 3) / 4);

    /// <summary>The border that windows reach into; padding that no window reaches needs none.</summary>
    /// <param name="input">The input's shape.</param>
    /// <param name="output">The output's shape.</param>
    /// <param name="value">The byte in it.</param>
    public Border BorderOf(int[] input, int[] output, byte value)
    {
        var ((height, width), (outHeight, outWidth)) = (HeightWidth(input), HeightWidth(output));
        var bottom = (outHeight - 1) * Window.StrideY + (Window.KernelHeight - 1) * Window.DilationY + 1 - height - Window.Top;
        var right = (outWidth - 1) * Window.StrideX + (Window.KernelWidth - 1) * Window.DilationX + 1 - width - Window.Left;
        return new Border(Window.Top, Window.Left, Math.Max(0, bottom), Math.Max(0, right), value);
    }

    /// <summary>What reports call it, such as <c>conv 3x3/2</c> or <c>conv 1x512/1x160</c>.</summary>
    public string Kind(bool isDepthwise)
    {
        var steps = Window.StrideY == Window.StrideX ? $"/{Window.StrideY}" : $"/{Window.StrideY}x{Window.StrideX}";
        var sizes = $"{Window.KernelHeight}x{Window.KernelWidth}" + (steps == "/1" ? "" : steps);
        return (isDepthwise ? "depthwise " : Groups > 1 ? $"conv in {Groups} groups " : "conv ") + sizes;
    }

    /// <summary>What the first tap of the first output pixel reads: inside the border where there is one.</summary>
    public Place FirstTap(TensorLayout input)
    {
        var strides = StridesOf(input);
        return Place.Of(input) + (-(long)Window.Top * strides.Row - (long)Window.Left * strides.Pixel);
    }

    /// <summary>The shape that a kernel computes, of one group or of all channels where they are depthwise.</summary>
    /// <param name="input">Where the input lies.</param>
    /// <param name="output">Where the output lies.</param>
    /// <param name="channels">Channels read and written.</param>
    /// <param name="isDepthwise">Whether each output channel reads one input channel.</param>
    /// <param name="other">Where a tensor of the output's shape lies that is read or written beside it; the shape's residual.</param>
    public ConvolutionShape ShapeOf(
        TensorLayout input, TensorLayout output, (int Inputs, int Outputs) channels, bool isDepthwise, TensorLayout? other)
    {
        var (height, width) = HeightWidth(output.Shape);
        return PixelRows.Join(new ConvolutionShape
        {
            Images = output.Shape[0],
            OutputHeight = height,
            OutputWidth = width,
            InputChannels = channels.Inputs,
            OutputChannels = channels.Outputs,
            IsDepthwise = isDepthwise,
            KernelHeight = Window.KernelHeight,
            KernelWidth = Window.KernelWidth,
            StrideY = Window.StrideY,
            StrideX = Window.StrideX,
            DilationY = Window.DilationY,
            DilationX = Window.DilationX,
            Input = StridesOf(input),
            Output = StridesOf(output),
            Residual = other is null ? default : StridesOf(other),
        });
    }

    /// <summary>Where the pixels of a tensor lie.</summary>
    public static PlaneStrides StridesOf(TensorLayout layout) => layout.Shape.Length == 3
        ? new(checked((int)layout.Strides[2]), checked((int)(layout.Strides[2] * layout.Shape[2])), layout.Strides[0])
        : new(checked((int)layout.Strides[3]), checked((int)layout.Strides[2]), layout.Strides[0]);

    private static (int Height, int Width) HeightWidth(int[] shape) => shape.Length == 3 ? (1, shape[2]) : (shape[2], shape[3]);
}
