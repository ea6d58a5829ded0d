using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>DequantizeLinear: bytes to floats.</summary>
internal sealed class DequantizeOperation(string name, EngineValue input, ByteScale[] scales, int axis, EngineValue output)
    : Operation(name, [input], output)
{
    /// <summary>One scale for the whole tensor.</summary>
    public DequantizeOperation(string name, EngineValue input, ByteScale scale, EngineValue output) : this(name, input, [scale], 0, output) { }

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var parts = scales.Select((scale, index) =>
        {
            int[] lengths = scales.Length == 1 ? Output.Shape : [.. Output.Shape.Select((l, a) => a == axis ? 1 : l)];
            var (from, to) = (Place.Of(Inputs[0].Layout), Place.Of(Output.Layout));
            if (scales.Length > 1) (from, to) = (from + index * Inputs[0].Layout.Strides[axis], to + index * Output.Layout.Strides[axis]);
            return new DequantizeStep.Part(StridedWalk.Of(lengths, Output.Layout.Strides, Inputs[0].Layout.Strides), from, to, scale);
        });
        return new DequantizeStep([.. parts]) { Name = Name, Kind = "dequantize", BytesTouched = OperandBytes() };
    }
}
