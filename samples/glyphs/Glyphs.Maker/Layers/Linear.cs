namespace Glyphs.Layers;

/// <summary>The classifier: a matrix and a bias.</summary>
internal sealed class Linear(int inputs, int outputs, Workers workers) : Layer
{
    /// <summary>The matrix.</summary>
    public PointwiseConvolution Matrix { get; } = new(inputs, outputs, workers);

    /// <summary>The bias.</summary>
    public Parameter Bias { get; } = new(outputs, decays: false);

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [.. Matrix.Parameters, Bias];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Output = Matrix.Forward(input, training);
        for (var i = 0; i < Output.Values.Length; i++) Output.Values[i] += Bias.Values[i % outputs];
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        Array.Clear(Bias.Gradient);
        for (var i = 0; i < Output.Gradient.Length; i++) Bias.Gradient[i % outputs] += Output.Gradient[i];
        Matrix.Backward();
    }
}
