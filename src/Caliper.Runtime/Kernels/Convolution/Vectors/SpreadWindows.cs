using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// How the windows of output pixels are laid out one after the other, each as runs of inputs that lie side by side in the image: a row of the
/// window where nothing lies between its taps, and otherwise each tap. A window is copied once for all output channels, so that
/// tiles of pixels cross the ends of rows, and those of few channels waste nothing.
/// </summary>
internal readonly struct SpreadWindows
{
    // A window is rounded up to what the weights are packed in.
    private const int Quad = 4;

    private SpreadWindows(ConvolutionShape shape, bool isWhole)
    {
        var (pixel, channels) = (shape.Input.Pixel, shape.InputChannels);
        (Rows, RunsOfRow, Inputs) = isWhole
            ? (shape.KernelHeight, 1, (shape.KernelWidth - 1) * pixel + channels)
            : (shape.KernelHeight, shape.KernelWidth, channels);
        TapDistance = isWhole ? pixel : Inputs;
        Length = Sizes.RoundUp(Rows * RunsOfRow * Inputs, Quad);
    }

    /// <summary>The layout for a shape.</summary>
    public static SpreadWindows Of(ConvolutionShape shape)
    {
        // What lies between the channels of neighbouring taps meets weights of 0: worth it for a fourth channel, as images have it.
        var gap = shape.Input.Pixel - shape.InputChannels;
        return new(shape, shape is { DilationX: 1, KernelWidth: > 1 } && gap >= 0 && shape.Input.Pixel <= Sizes.RoundUp(shape.InputChannels, Quad));
    }

    /// <summary>Rows of a window.</summary>
    public int Rows { get; }

    /// <summary>Runs of a row.</summary>
    public int RunsOfRow { get; }

    /// <summary>Inputs of a run.</summary>
    public int Inputs { get; }

    /// <summary>Inputs from one tap of a row to the next.</summary>
    private int TapDistance { get; }

    /// <summary>Inputs of a window, rounded up to a multiple of four.</summary>
    public int Length { get; }

    /// <summary>Where the inputs of a tap begin.</summary>
    public int At(int ky, int kx) => ky * RunsOfRow * Inputs + kx * TapDistance;
}
