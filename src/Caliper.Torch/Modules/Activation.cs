using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>A function of each element, without parameters.</summary>
public abstract class Activation : Module
{
    private readonly string _operation;

    private protected Activation(string operation) => _operation = operation;

    private protected virtual Node Describe(Node node) => node;

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Tracer.Emit(_operation, "", x.Shape, [x.Name], Describe);
    }
}

/// <summary><c>max(0, x)</c>.</summary>
/// <remarks>Source: <c>torch.nn.ReLU</c>.</remarks>
public sealed class ReLU() : Activation("Relu");

/// <summary><c>1 / (1 + e⁻ˣ)</c>.</summary>
/// <remarks>Source: <c>torch.nn.Sigmoid</c>.</remarks>
public sealed class Sigmoid() : Activation("Sigmoid");

/// <summary>The hyperbolic tangent.</summary>
/// <remarks>Source: <c>torch.nn.Tanh</c>.</remarks>
public sealed class Tanh() : Activation("Tanh");

/// <summary><c>x · clamp(x + 3, 0, 6) / 6</c>.</summary>
/// <remarks>Source: <c>torch.nn.Hardswish</c>.</remarks>
public sealed class Hardswish() : Activation("HardSwish");

/// <summary><c>clamp(x + 3, 0, 6) / 6</c>.</summary>
/// <remarks>Source: <c>torch.nn.Hardsigmoid</c>.</remarks>
public sealed class Hardsigmoid() : Activation("HardSigmoid")
{
    // ONNX defaults to a slope of 0.2; PyTorch's is 1/6.
    private protected override Node Describe(Node node) => node.With("alpha", 1f / 6).With("beta", 0.5f);
}

/// <summary><c>x</c> where it is positive, <c>negativeSlope · x</c> elsewhere.</summary>
/// <remarks>Source: <c>torch.nn.LeakyReLU</c>.</remarks>
public sealed class LeakyReLU(float negativeSlope = 0.01f) : Activation("LeakyRelu")
{
    private protected override Node Describe(Node node) => node.With("alpha", negativeSlope);
}

/// <summary>Exponentials along an axis, divided by their sum.</summary>
/// <remarks>Source: <c>torch.nn.Softmax</c>.</remarks>
public sealed class Softmax(int dim = -1) : Activation("Softmax")
{
    private protected override Node Describe(Node node) => node.With("axis", dim);
}
