namespace Glyphs.Layers;

/// <summary>The mean of each channel over an image.</summary>
internal sealed class GlobalAveragePool : Layer
{
    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        Output = Activation.Reuse(Output, input.Images, 1, 1, input.Channels);
        Array.Clear(Output.Values);
        for (var i = 0; i < input.Values.Length; i++) Output.Values[At(i)] += input.Values[i];
        for (var i = 0; i < Output.Values.Length; i++) Output.Values[i] /= input.Pixels;
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        for (var i = 0; i < Input.Gradient.Length; i++) Input.Gradient[i] = Output.Gradient[At(i)] / Input.Pixels;
    }

    private int At(int i) => i / Input.ImageSize * Input.Channels + i % Input.Channels;
}
