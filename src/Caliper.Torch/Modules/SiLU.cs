namespace Caliper.Torch.Modules;

/// <summary><c>x · sigmoid(x)</c>.</summary>
/// <remarks>Source: <c>torch.nn.SiLU</c>.</remarks>
public sealed class SiLU : Module
{
    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        var gate = x.Tracer.Emit("Sigmoid", "sigmoid", x.Shape, [x.Name]);
        return x.Tracer.Emit("Mul", "", x.Shape, [x.Name, gate.Name]);
    }
}
