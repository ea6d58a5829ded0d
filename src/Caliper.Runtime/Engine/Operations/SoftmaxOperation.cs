using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>Softmax of bytes along an axis: exponentials from a table, as ONNX Runtime's QLinearSoftmax.</summary>
internal sealed class SoftmaxOperation(string name, ByteOperand input, int axis, ByteResult output)
    : Operation(name, [input.Value], output.Value)
{
    public override LayoutNeed Needs => LayoutNeed.Same;

    public override Step CreateStep(StepFactory factory)
    {
        int[] others = [.. Output.Shape.Select((l, a) => a == axis ? 1 : l)];
        return new SoftmaxStep(StridedWalk.Of(others, Output.Layout.Strides, Inputs[0].Layout.Strides), Place.Of(Inputs[0].Layout),
            Place.Of(Output.Layout),
            Output.Shape[axis], Inputs[0].Layout.Strides[axis], Output.Layout.Strides[axis], input.Scale, output.Scale,
            output.Range)
        {
            Name = Name,
            Kind = "softmax",
            BytesTouched = OperandBytes(),
        };
    }
}
