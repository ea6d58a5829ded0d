namespace Caliper.Kernels.Convolution;

/// <summary>
/// Geometry of one convolution over NHWC bytes, every distance known when the kernel is made. A matrix product of M rows is
/// a 1×1 convolution over one image of height 1 and width M. Padding is not here: the input has a border of zero-point pixels
/// around it, and the first tap of the first output is simply read from inside the border.
/// </summary>
internal readonly record struct ConvolutionShape
{
    /// <summary>Images in the batch.</summary>
    public required int Images { get; init; }

    /// <summary>Rows of an output image.</summary>
    public required int OutputHeight { get; init; }

    /// <summary>Pixels of an output row.</summary>
    public required int OutputWidth { get; init; }

    /// <summary>Channels read. A kernel may read up to the next multiple of 4, where the weights are 0.</summary>
    public required int InputChannels { get; init; }

    /// <summary>Channels written, and not one byte more: the next channel may belong to another layer.</summary>
    public required int OutputChannels { get; init; }

    /// <summary>Each output channel reads the one input channel of the same index; weights then have one value a tap.
    /// Otherwise every output channel reads all input channels (other groups are split into several convolutions).</summary>
    public bool IsDepthwise { get; init; }

    /// <summary>Rows of the window.</summary>
    public required int KernelHeight { get; init; }

    /// <summary>Columns of the window.</summary>
    public required int KernelWidth { get; init; }

    /// <summary>Input rows from one output row to the next.</summary>
    public int StrideY { get; init; } = 1;

    /// <summary>Input pixels from one output pixel to the next.</summary>
    public int StrideX { get; init; } = 1;

    /// <summary>Input rows from one tap to the next.</summary>
    public int DilationY { get; init; } = 1;

    /// <summary>Input pixels from one tap to the next.</summary>
    public int DilationX { get; init; } = 1;

    /// <summary>Where the input's pixels lie.</summary>
    public required PlaneStrides Input { get; init; }

    /// <summary>Where the output's pixels lie.</summary>
    public required PlaneStrides Output { get; init; }

    /// <summary>Where the pixels of the residual's other operand lie; unused without one.</summary>
    public PlaneStrides Residual { get; init; }

    public ConvolutionShape() { }

    /// <summary>Products summed for one output value.</summary>
    public int ProductsPerOutput => KernelHeight * KernelWidth * (IsDepthwise ? 1 : InputChannels);

    /// <summary>Multiplications of the whole layer.</summary>
    public long MultiplyAdds => (long)Images * OutputHeight * OutputWidth * OutputChannels * ProductsPerOutput;
}

/// <summary>Distances in bytes between neighbours of an NHWC tensor; channels of a pixel lie side by side.</summary>
/// <param name="Pixel">From a pixel to the next of its row.</param>
/// <param name="Row">From a row to the next.</param>
/// <param name="Image">From an image of the batch to the next.</param>
internal readonly record struct PlaneStrides(int Pixel, int Row, long Image);
