using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>The same elements under another shape; costs nothing where they lie in ONNX order already.</summary>
internal sealed class ReshapeOperation(string name, EngineValue input, EngineValue output) : Operation(name, [input], output)
{
    // The output is in ONNX order: either the input's memory as it lies, or a copy that the planner places.
    public override LayoutNeed Needs => LayoutNeed.Any;

    /// <summary>The input's memory under the output's shape, or null where that needs a copy.</summary>
    public TensorLayout? View()
    {
        if (Inputs[0].Constant is not null) return null;
        var layout = Inputs[0].Layout;
        var strides = TensorLayout.Reshaped(Inputs[0].Shape, layout.Strides, Output.Shape, Output.ElementSize);
        return strides is null ? null : new TensorLayout(layout.Storage, layout.Offset, Output.Shape, strides);
    }

    public override Step? CreateStep(StepFactory factory)
    {
        if (Output.Layout.Storage == Inputs[0].Layout.Storage) return null;
        // Row-major order is what both shapes have in common: read the input in it, write the output in it.
        var (from, to) = (Inputs[0].Layout, Output.Layout);
        var strides = TensorLayout.Reshaped(Output.Shape, to.Strides, Inputs[0].Shape, Output.ElementSize)
            ?? throw new InvalidOperationException($"The output of '{Name}' does not lie in order.");
        var walk = StridedWalk.Of(Inputs[0].Shape, strides, from.Strides);
        return new CopyStep([(walk, Place.Of(from), Place.Of(to))], null, null, Output.ElementSize, false)
        {
            Name = Name,
            Kind = "reshape",
            BytesTouched = OperandBytes(),
        };
    }
}
