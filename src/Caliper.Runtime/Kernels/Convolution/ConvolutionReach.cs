using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution;

/// <summary>What a convolution touches of its operands, in bytes from the addresses it is given: the same for every kernel, as
/// all follow <see cref="ConvolutionShape"/>.</summary>
/// <param name="Input">Read.</param>
/// <param name="Output">Written.</param>
/// <param name="Residual">Read; empty without one.</param>
internal readonly record struct ConvolutionReach(ByteSpan Input, ByteSpan Output, ByteSpan Residual)
{
    /// <summary>Bytes after the input's last pixel that a vector load may take along.</summary>
    public const int ReadsAfter = NativeBuffer.ReadableTail;

    /// <summary>The reach of a layer.</summary>
    /// <exception cref="ArgumentException">A parameter of the layer has another length than its shape needs.</exception>
    public static ConvolutionReach Of(ConvolutionLayer layer)
    {
        var (shape, epilogue) = (layer.Shape, layer.Epilogue);
        Check("weights", layer.Weights.Length, (long)shape.OutputChannels * shape.ProductsPerOutput);
        Check("zero points of weights", layer.Weights.ZeroPoints.Length, shape.OutputChannels);
        Check("biases", layer.Bias.Length, shape.OutputChannels);
        Check("multipliers", epilogue.Multipliers.Length, shape.OutputChannels);
        var output = Pixels(shape, shape.Output, (long)shape.OutputChannels * (epilogue.IsWide ? sizeof(int) : 1));
        return new(InputOf(shape), output, epilogue.Residual is null ? default : Pixels(shape, shape.Residual, shape.OutputChannels));

        void Check(string what, long length, long needed)
        {
            if (length != needed) throw new ArgumentException($"The layer '{layer.Name}' has {length} {what} where it needs {needed}.");
        }
    }

    /// <summary>What the windows of all output pixels read, from the first tap of the first.</summary>
    public static ByteSpan InputOf(ConvolutionShape shape) => ByteSpan.Of(
        shape.IsDepthwise ? Math.Max(shape.InputChannels, shape.OutputChannels) : shape.InputChannels, (shape.Images, shape.Input.Image),
        (shape.OutputHeight, (long)shape.StrideY * shape.Input.Row), (shape.OutputWidth, (long)shape.StrideX * shape.Input.Pixel),
        (shape.KernelHeight, (long)shape.DilationY * shape.Input.Row), (shape.KernelWidth, (long)shape.DilationX * shape.Input.Pixel));

    private static ByteSpan Pixels(ConvolutionShape shape, PlaneStrides strides, long bytes) => ByteSpan.Of(bytes,
        (shape.Images, strides.Image), (shape.OutputHeight, strides.Row), (shape.OutputWidth, strides.Pixel));
}
