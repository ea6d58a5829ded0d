namespace Caliper.Torch.Modules;

/// <summary>Averages N×C×H×W down (or not at all) to a given height and width.</summary>
/// <remarks>Source: <c>torch.nn.AdaptiveAvgPool2d</c>; ONNX <c>GlobalAveragePool</c> or <c>AveragePool</c>.</remarks>
public sealed class AdaptiveAvgPool2d : Module
{
    private readonly Extent _outputSize;

    /// <summary>Describes the pooling to <paramref name="outputSize"/>, which must divide the size of the image.</summary>
    public AdaptiveAvgPool2d(Extent outputSize) => _outputSize = outputSize;

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 4) throw x.Tracer.Misfit("N×C×H×W", x.Shape);
        var (height, width) = (x.Shape[2].Length, x.Shape[3].Length);
        var shape = x.Shape.With(2, _outputSize.Height).With(3, _outputSize.Width);
        if (_outputSize == 1) return x.Tracer.Emit("GlobalAveragePool", "", shape, [x.Name]);

        if (_outputSize.Height < 1 || _outputSize.Width < 1 || height % _outputSize.Height != 0 || width % _outputSize.Width != 0)
            throw x.Tracer.Misfit($"an image whose size is a multiple of {_outputSize.Height}×{_outputSize.Width}", x.Shape);
        Extent kernel = ((int)(height / _outputSize.Height), (int)(width / _outputSize.Width));
        return kernel == 1 ? x : x.Tracer.Emit("AveragePool", "", shape, [x.Name], new Window(kernel, kernel, 0, 1).Describe);
    }
}
