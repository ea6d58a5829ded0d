namespace Glyphs.Layers;

/// <summary>A convolution, its batch norm, and a ReLU6 where asked for.</summary>
internal sealed class ConvolutionBlock(Convolution convolution, bool relu6, Workers workers) : Layer
{
    /// <summary>The convolution.</summary>
    public Convolution Convolution => convolution;

    /// <summary>The batch norm, with the ReLU6 in it.</summary>
    public BatchNormalization Normalization { get; } = new(convolution.OutputChannels, relu6, workers);

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [.. convolution.Parameters, .. Normalization.Parameters];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training) =>
        Output = Normalization.Forward(convolution.Forward(input, training), training);

    /// <inheritdoc/>
    public override void Backward()
    {
        Normalization.Backward();
        convolution.Backward();
    }
}
