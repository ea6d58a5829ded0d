using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary><c>min(max(0, x), 6)</c>.</summary>
/// <remarks>Source: <c>torch.nn.ReLU6</c>; ONNX <c>Clip</c>.</remarks>
public sealed class ReLU6 : Module
{
    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x) => x.Tracer.Emit(
        "Clip", "", x.Shape, [x.Name, x.Tracer.Constant("min", Tensor.Scalar(0f)), x.Tracer.Constant("max", Tensor.Scalar(6f))]);
}
