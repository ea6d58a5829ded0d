namespace Caliper.Torch.Modules;

/// <summary>The largest value of each window of N×C×H×W.</summary>
/// <remarks>Source: <c>torch.nn.MaxPool2d</c>; ONNX <c>MaxPool</c>.</remarks>
public sealed class MaxPool2d : Module
{
    private readonly Window _window;
    private readonly bool _ceilMode;

    /// <summary>Describes the pooling.</summary>
    /// <param name="kernelSize">Size of the window.</param>
    /// <param name="stride">Steps of the window; its size where left out.</param>
    /// <param name="padding">Pixels on each side that never win.</param>
    /// <param name="dilation">Pixels between neighbours in the window; 1 where left out.</param>
    /// <param name="ceilMode">Whether a last window may reach beyond the image.</param>
    public MaxPool2d(
        Extent kernelSize, Extent? stride = null, Extent padding = default, Extent? dilation = null, bool ceilMode = false) =>
        (_window, _ceilMode) = (new Window(kernelSize, stride ?? kernelSize, padding, dilation ?? 1), ceilMode);

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 4) throw x.Tracer.Misfit("N×C×H×W", x.Shape);
        var shape = _window.Slide(x, x.Shape[1].Length, _ceilMode);

        // ONNX and PyTorch disagree on windows that lie in the padding, so round up only where that adds a real window.
        var roundsUp = shape != _window.Slide(x, x.Shape[1].Length);
        return x.Tracer.Emit("MaxPool", "", shape, [x.Name], node => _window.Describe(node)
            .With("dilations", _window.Dilation.ToArray())
            .With("ceil_mode", roundsUp ? 1 : 0));
    }
}
