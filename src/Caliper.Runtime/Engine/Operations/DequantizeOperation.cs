using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>DequantizeLinear: bytes to floats, or to what a function makes of them.</summary>
internal sealed class DequantizeOperation(string name, EngineValue input, ByteScale[] scales, int axis, EngineValue output)
    : Operation(name, [input], output)
{
    /// <summary>One scale for the whole tensor.</summary>
    public DequantizeOperation(string name, ByteOperand input, EngineValue output) : this(name, input.Value, [input.Scale], 0, output) { }

    /// <summary>What becomes of each number, and what it is called; null where it stays as it is.</summary>
    public (Func<float, float> Of, string Kind)? Function { get; init; }

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var parts = scales.Select((scale, index) =>
        {
            int[] lengths = scales.Length == 1 ? Output.Shape : [.. Output.Shape.Select((l, a) => a == axis ? 1 : l)];
            var (from, to) = (Place.Of(Inputs[0].Layout), Place.Of(Output.Layout));
            if (scales.Length > 1) (from, to) = (from + index * Inputs[0].Layout.Strides[axis], to + index * Output.Layout.Strides[axis]);
            return new DequantizeStep.Part(StridedWalk.Of(lengths, Output.Layout.Strides, Inputs[0].Layout.Strides), from, to, scale, Function?.Of);
        });
        return new DequantizeStep([.. parts])
        {
            Name = Name,
            Kind = Function is { Kind: var kind } ? $"{kind} to float" : "dequantize",
            BytesTouched = OperandBytes(),
        };
    }
}
