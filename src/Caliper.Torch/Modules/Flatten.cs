namespace Caliper.Torch.Modules;

/// <summary>Joins all axes but the batch: N×C×H×W becomes N×(C·H·W).</summary>
/// <remarks>Source: <c>torch.nn.Flatten</c> with its defaults; ONNX <c>Flatten</c>.</remarks>
public sealed class Flatten : Module
{
    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        var features = x.Shape.Dimensions.Skip(1).Aggregate(1L, (product, d) => checked(product * d.Length));
        return x.Tracer.Emit("Flatten", "", new([x.Shape[0], features]), [x.Name], node => node.With("axis", 1));
    }
}
