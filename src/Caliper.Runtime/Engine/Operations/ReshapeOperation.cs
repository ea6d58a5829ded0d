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
        return new CopyStep([Box()], null, null, Output.ElementSize, false)
        {
            Name = Name,
            Kind = "reshape",
            BytesTouched = OperandBytes(),
        };
    }

    /// <summary>Row-major order is what both shapes have in common: the walk is over the axes of one of them where the other side lies
    /// so that it can be seen under it, and over axes that are common to both otherwise.</summary>
    private CopiedBox Box()
    {
        var (input, output) = (Inputs[0], Output);
        if (TensorLayout.Reshaped(output.Shape, output.Layout.Strides, input.Shape, output.ElementSize) is { } strides)
            return Of(input.Shape, input.Layout.Strides, strides);
        // The layout planner asked for the same: a dense output always takes the way above.
        var axes = Sizes.CommonAxes(input.Shape, output.Shape)!;
        return Of(axes, input.Layout.SplitInto(axes), output.Layout.SplitInto(axes));

        CopiedBox Of(int[] lengths, long[] from, long[] to) =>
            CopiedBox.Of(lengths, output.ElementSize, (Place.Of(input.Layout), from), (Place.Of(output.Layout), to));
    }
}
