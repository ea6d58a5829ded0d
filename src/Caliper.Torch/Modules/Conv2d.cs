namespace Caliper.Torch.Modules;

/// <summary>Convolution of N×<c>inChannels</c>×H×W to N×<c>outChannels</c>×H′×W′.</summary>
/// <remarks>Source: <c>torch.nn.Conv2d</c>; ONNX <c>Conv</c>.</remarks>
public sealed class Conv2d : Module
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly int _inChannels;
    private readonly int _groups;
    private readonly Window _window;

    /// <summary>Describes a convolution; the defaults are PyTorch's.</summary>
    /// <param name="inChannels">Channels that come in; a multiple of <paramref name="groups"/>.</param>
    /// <param name="outChannels">Channels that go out; a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Size of the window.</param>
    /// <param name="stride">Steps of the window; 1 where left out.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="dilation">Pixels between neighbours in the window; 1 where left out.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">Whether each output channel has a bias.</param>
    /// <exception cref="CaliperException">The groups do not divide the channels.</exception>
    public Conv2d(int inChannels, int outChannels, Extent kernelSize, Extent? stride = null, Extent padding = default,
        Extent? dilation = null, int groups = 1, bool bias = true)
    {
        if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0)
            throw new CaliperException($"{groups} groups do not divide {inChannels} input and {outChannels} output channels.");
        (_inChannels, _groups) = (inChannels, groups);
        _window = new Window(kernelSize, stride ?? 1, padding, dilation ?? 1);
        weight = Parameter.Weight(outChannels, inChannels / groups, kernelSize.Height, kernelSize.Width);
        this.bias = bias ? Parameter.PerChannel(outChannels, InitialValue.Zero) : null;
    }

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 4 || x.Shape[1] != _inChannels) throw x.Tracer.Misfit($"N×{_inChannels}×H×W", x.Shape);
        string[] inputs = [x.Name, .. x.Tracer.Weights(weight, bias)];
        return x.Tracer.Emit("Conv", "", _window.Slide(x, weight.Shape[0].Length), inputs, node => _window.Describe(node)
            .With("dilations", _window.Dilation.ToArray())
            .With("group", _groups));
    }
}
