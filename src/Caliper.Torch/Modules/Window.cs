using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>How the window of a convolution or a pooling moves over an image.</summary>
internal sealed record Window
{
    /// <exception cref="CaliperException">A size, step or distance is below 1, or a padding below 0.</exception>
    public Window(Extent kernel, Extent stride, Extent padding, Extent dilation)
    {
        if (new[] { kernel, stride, dilation }.Any(e => e.Height < 1 || e.Width < 1) || padding.Height < 0 || padding.Width < 0)
        {
            throw new CaliperException(
                $"No window has kernel size {kernel}, stride {stride}, padding {padding} and dilation {dilation}.");
        }
        (Kernel, Stride, Padding, Dilation) = (kernel, stride, padding, dilation);
    }

    public Extent Kernel { get; }

    public Extent Stride { get; }

    public Extent Padding { get; }

    public Extent Dilation { get; }

    /// <summary>Shape of the output: the positions of the window in N×C×H×W.</summary>
    /// <exception cref="CaliperException">The input is no image, or smaller than the window.</exception>
    public Shape Slide(Signal x, long channels, bool roundUp = false)
    {
        if (x.Shape.Rank != 4) throw x.Tracer.Misfit("N×C×H×W", x.Shape);
        var height = Positions(x.Shape[2].Length, Kernel.Height, Stride.Height, Padding.Height, Dilation.Height, roundUp);
        var width = Positions(x.Shape[3].Length, Kernel.Width, Stride.Width, Padding.Width, Dilation.Width, roundUp);
        if (height < 1 || width < 1) throw x.Tracer.Misfit($"an image of at least {Kernel} with its padding", x.Shape);
        return x.Shape.With(1, channels).With(2, height).With(3, width);
    }

    /// <summary>The attributes that <c>Conv</c> and the pooling operators share.</summary>
    public Node Describe(Node node) => node
        .With("kernel_shape", Kernel.ToArray())
        .With("strides", Stride.ToArray())
        .With("pads", Padding.ToPads());

    private static long Positions(long length, int kernel, int stride, int padding, int dilation, bool roundUp)
    {
        var span = length + 2L * padding - dilation * (kernel - 1L) - 1;
        if (span < 0) return 0;
        var positions = (span + (roundUp ? stride - 1 : 0)) / stride + 1;

        // As in PyTorch, no window may lie in the padding at the end altogether.
        return roundUp && (positions - 1) * stride >= length + padding ? positions - 1 : positions;
    }
}
