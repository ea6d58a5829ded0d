using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>Transposed convolution of N×<c>inChannels</c>×H×W to a larger N×<c>outChannels</c>×H′×W′.</summary>
/// <remarks>Source: <c>torch.nn.ConvTranspose2d</c>; ONNX <c>ConvTranspose</c>.</remarks>
public sealed class ConvTranspose2d : Module
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly int _inChannels;
    private readonly int _outChannels;
    private readonly int _groups;
    private readonly Extent _outputPadding;
    private readonly Window _window;

    /// <summary>Describes a transposed convolution; the defaults are PyTorch's.</summary>
    /// <param name="inChannels">Channels that come in; a multiple of <paramref name="groups"/>.</param>
    /// <param name="outChannels">Channels that go out; a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Size of the window.</param>
    /// <param name="stride">Distance of the windows in the output; 1 where left out.</param>
    /// <param name="padding">Pixels cut from each side of the output.</param>
    /// <param name="outputPadding">Pixels added at the end of the output.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">Whether each output channel has a bias.</param>
    /// <param name="dilation">Pixels between neighbours in the window; 1 where left out.</param>
    /// <exception cref="CaliperException">The groups do not divide the channels.</exception>
    public ConvTranspose2d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
        Extent outputPadding = default, int groups = 1, bool bias = true, Extent? dilation = null)
    {
        if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0)
            throw new CaliperException($"{groups} groups do not divide {inChannels} input and {outChannels} output channels.");
        (_inChannels, _outChannels, _groups, _outputPadding) = (inChannels, outChannels, groups, outputPadding);
        _window = new Window(kernelSize, stride ?? 1, padding, dilation ?? 1);
        weight = Parameter.Weight(inChannels, outChannels / groups, kernelSize.Height, kernelSize.Width);
        this.bias = bias ? Parameter.PerChannel(outChannels, InitialValue.Zero) : null;
    }

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 4 || x.Shape[1] != _inChannels) throw x.Tracer.Misfit($"N×{_inChannels}×H×W", x.Shape);
        var (kernel, stride, padding, dilation) = (_window.Kernel, _window.Stride, _window.Padding, _window.Dilation);
        var height = Length(x.Shape[2], kernel.Height, stride.Height, padding.Height, dilation.Height, _outputPadding.Height);
        var width = Length(x.Shape[3], kernel.Width, stride.Width, padding.Width, dilation.Width, _outputPadding.Width);
        if (height < 1 || width < 1) throw x.Tracer.Misfit("an image that its padding does not cut away", x.Shape);
        var shape = x.Shape.With(1, _outChannels).With(2, height).With(3, width);
        string[] inputs = [x.Name, .. x.Tracer.Weights(weight, bias)];
        return x.Tracer.Emit("ConvTranspose", "", shape, inputs, node => _window.Describe(node)
            .With("dilations", dilation.ToArray())
            .With("output_padding", _outputPadding.ToArray())
            .With("group", _groups));
    }

    private static long Length(Dimension length, int kernel, int stride, int padding, int dilation, int outputPadding) =>
        (length.Length - 1) * stride - 2L * padding + dilation * (kernel - 1L) + outputPadding + 1;
}
