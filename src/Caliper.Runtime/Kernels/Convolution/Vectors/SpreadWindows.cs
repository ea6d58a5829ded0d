using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// How the windows of output pixels are laid out one after the other, each as runs of inputs that lie side by side in the image: a row of the
/// window where nothing lies between its taps, and otherwise each tap. A window is copied once for all output channels, so that
/// tiles of pixels cross the ends of rows, and those of few channels waste nothing.
/// </summary>
internal readonly struct SpreadWindows
{
    // A run is rounded up to what the weights are packed in.
    private const int Quad = 4;

    private readonly int _runsOfRow;
    private readonly long _row, _tap;

    private SpreadWindows(ConvolutionShape shape, bool isWhole)
    {
        var (pixel, channels) = (shape.Input.Pixel, shape.InputChannels);
        (_runsOfRow, Inputs) = isWhole ? (1, (shape.KernelWidth - 1) * pixel + channels) : (shape.KernelWidth, channels);
        TapDistance = isWhole ? pixel : Sizes.RoundUp(channels, Quad);
        (Runs, RunDistance) = (shape.KernelHeight * _runsOfRow, Sizes.RoundUp(Inputs, Quad));
        (_row, _tap) = ((long)shape.DilationY * shape.Input.Row, (long)shape.DilationX * pixel);
    }

    /// <summary>The layout for a shape.</summary>
    public static SpreadWindows Of(ConvolutionShape shape)
    {
        // What lies between the channels of neighbouring taps meets weights of 0: worth it for a fourth channel, as images have it.
        var gap = shape.Input.Pixel - shape.InputChannels;
        return new(shape, shape is { DilationX: 1, KernelWidth: > 1 } && gap >= 0 && shape.Input.Pixel <= Sizes.RoundUp(shape.InputChannels, Quad));
    }

    /// <summary>Runs of a window.</summary>
    public int Runs { get; }

    /// <summary>Inputs of a run.</summary>
    public int Inputs { get; }

    /// <summary>Inputs from one run to the next.</summary>
    public int RunDistance { get; }

    /// <summary>Inputs from one tap of a row to the next.</summary>
    private int TapDistance { get; }

    /// <summary>Inputs of a window, those between runs with them: a multiple of four.</summary>
    public int Length => Runs * RunDistance;

    /// <summary>Where the inputs of a tap begin.</summary>
    public int At(int ky, int kx) => ky * _runsOfRow * RunDistance + kx * TapDistance;

    /// <summary>Where a run begins, in bytes from the first tap.</summary>
    public long SourceOf(int run) => run / _runsOfRow * _row + run % _runsOfRow * _tap;
}
