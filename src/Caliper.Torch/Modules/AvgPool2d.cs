namespace Caliper.Torch.Modules;

/// <summary>The mean of each window of N×C×H×W.</summary>
/// <remarks>Source: <c>torch.nn.AvgPool2d</c> without <c>ceil_mode</c>; ONNX <c>AveragePool</c>.</remarks>
public sealed class AvgPool2d : Module
{
    private readonly Window _window;
    private readonly bool _countIncludePad;

    /// <summary>Describes the pooling.</summary>
    /// <param name="kernelSize">Size of the window.</param>
    /// <param name="stride">Steps of the window; its size where left out.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="countIncludePad">Whether those zeros count in the mean.</param>
    public AvgPool2d(Extent kernelSize, Extent? stride = null, Extent padding = default, bool countIncludePad = true) =>
        (_window, _countIncludePad) = (new Window(kernelSize, stride ?? kernelSize, padding, 1), countIncludePad);

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 4) throw x.Tracer.Misfit("N×C×H×W", x.Shape);
        return x.Tracer.Emit("AveragePool", "", _window.Slide(x, x.Shape[1].Length), [x.Name], node => _window.Describe(node)
            .With("count_include_pad", _countIncludePad ? 1 : 0));
    }
}
