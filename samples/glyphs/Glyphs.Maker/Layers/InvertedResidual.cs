using System.Numerics.Tensors;

namespace Glyphs.Layers;

/// <summary>
/// The block of MobileNetV2 (Sandler et al. 2018): widen with 1×1, filter each channel with 3×3, narrow with 1×1; the input
/// is added where sizes allow.
/// </summary>
internal sealed class InvertedResidual : Layer
{
    private readonly bool _adds;

    /// <summary>Creates the block; an expansion of 1 leaves the widening out, as in torchvision.</summary>
    public InvertedResidual(int inputChannels, int outputChannels, int stride, int expansion, Workers workers)
    {
        var hidden = inputChannels * expansion;
        _adds = stride == 1 && inputChannels == outputChannels;
        if (expansion > 1) Expand = new(new PointwiseConvolution(inputChannels, hidden, workers), relu6: true, workers);
        Filter = new(new DepthwiseConvolution(hidden, stride, workers), relu6: true, workers);
        Project = new(new PointwiseConvolution(hidden, outputChannels, workers), relu6: false, workers);
    }

    /// <summary>The widening, or null.</summary>
    public ConvolutionBlock? Expand { get; }

    /// <summary>The depthwise filter.</summary>
    public ConvolutionBlock Filter { get; }

    /// <summary>The narrowing; no ReLU6 after it.</summary>
    public ConvolutionBlock Project { get; }

    /// <summary>The three convolutions, or two.</summary>
    public IEnumerable<ConvolutionBlock> Blocks => Expand is null ? [Filter, Project] : [Expand, Filter, Project];

    /// <summary>Called with every output that an int8 network would quantize; may change it.</summary>
    public Action<Activation>? Tap { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => Blocks.SelectMany(block => block.Parameters);

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        var x = input;
        foreach (var block in Blocks)
        {
            x = block.Forward(x, training);
            Tap?.Invoke(x);
        }
        if (!_adds) return Output = x;
        Output = Activation.Reuse(Output, x.Images, x.Height, x.Width, x.Channels);
        TensorPrimitives.Add(x.Values, input.Values, Output.Values);
        Tap?.Invoke(Output);
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        if (_adds) Output.Gradient.CopyTo(Project.Output.Gradient.AsSpan());
        Project.Backward();
        Filter.Backward();
        Expand?.Backward();
        if (_adds) TensorPrimitives.Add(Input.Gradient, Output.Gradient, Input.Gradient);
    }
}
