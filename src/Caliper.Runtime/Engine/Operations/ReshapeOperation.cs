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
        var (walk, from, to) = (Walk(), Inputs[0].Layout, Output.Layout);
        return new CopyStep([(walk, Place.Of(from), Place.Of(to))], null, null, Output.ElementSize, false)
        {
            Name = Name,
            Kind = "reshape",
            BytesTouched = OperandBytes(),
        };
    }

    /// <summary>Row-major order is what both shapes have in common: the walk is over the axes of one of them where the other side lies
    /// so that it can be seen under it, and over axes that are common to both otherwise.</summary>
    private StridedWalk Walk()
    {
        var (input, output) = (Inputs[0], Output);
        if (TensorLayout.Reshaped(output.Shape, output.Layout.Strides, input.Shape, output.ElementSize) is { } strides)
            return StridedWalk.Of(input.Shape, strides, input.Layout.Strides);
        // The layout planner asked for the same: a dense output always takes the way above.
        var axes = Sizes.CommonAxes(input.Shape, output.Shape)!;
        return StridedWalk.Of(axes, output.Layout.SplitInto(axes), input.Layout.SplitInto(axes));
    }
}
