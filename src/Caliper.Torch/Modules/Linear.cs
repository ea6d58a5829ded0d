namespace Caliper.Torch.Modules;

/// <summary>Fully connected layer of N×<c>inFeatures</c> to N×<c>outFeatures</c>.</summary>
/// <remarks>Source: <c>torch.nn.Linear</c>; ONNX <c>Gemm</c>.</remarks>
public sealed class Linear : Module
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    /// <summary>Describes a fully connected layer.</summary>
    /// <param name="inFeatures">Features that come in.</param>
    /// <param name="outFeatures">Features that go out.</param>
    /// <param name="bias">Whether each output feature has a bias.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true)
    {
        weight = Parameter.Weight(outFeatures, inFeatures);
        this.bias = bias ? Parameter.PerChannel(outFeatures, InitialValue.Zero) : null;
    }

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        if (x.Shape.Rank != 2 || x.Shape[1] != weight.Shape[1])
            throw x.Tracer.Misfit($"N×{weight.Shape[1]} (put a Flatten before it)", x.Shape);
        string[] inputs = [x.Name, .. x.Tracer.Weights(weight, bias)];
        return x.Tracer.Emit("Gemm", "", x.Shape.With(1, weight.Shape[0]), inputs, node => node.With("transB", 1));
    }
}
