using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>A batched product of two tensors of bytes; floats or the sums result where the output is that.</summary>
internal sealed class ProductOperation(
    string name, ByteOperand a, ByteOperand b, EngineValue output, float multiplier, byte zeroPoint, ByteRange range)
        : Operation(name, [a.Value, b.Value], output)
{
    private ByteRange _range = range;

    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override bool TryClamp(ByteRange range)
    {
        if (Output.Type is not EngineType.Byte) return false;
        _range = _range.Then(range);
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var (shapeA, shapeB) = (Inputs[0].Shape, Inputs[1].Shape);
        var (offsetsA, offsetsB) = BatchOffsets.Of(shapeA, shapeB, Output.Shape);
        return new ProductStep(offsetsA, offsetsB, (shapeA[^2], shapeA[^1], shapeB[^1]), Place.Of(Inputs[0].Layout), a.Scale.ZeroPoint,
            Place.Of(Inputs[1].Layout), b.Scale.ZeroPoint, Place.Of(Output.Layout), multiplier, zeroPoint, _range, Output.Type)
        {
            Name = Name,
            Kind = $"matrix {shapeA[^2]}x{shapeA[^1]}x{shapeB[^1]}",
            MultiplyAdds = (long)offsetsA.Length * shapeA[^2] * shapeA[^1] * shapeB[^1],
            BytesTouched = OperandBytes(),
        };
    }
}
