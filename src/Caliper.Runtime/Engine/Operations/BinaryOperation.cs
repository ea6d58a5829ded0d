using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Operations;

/// <summary>A quantized addition (or subtraction) or multiplication, with broadcasting.</summary>
internal sealed class BinaryOperation : Operation
{
    private BinaryOperation(string name, EngineValue a, EngineValue b, EngineValue output, bool isAdd, BinaryFactors factors)
        : base(name, [a, b], output) => (IsAdd, Factors) = (isAdd, factors);

    /// <summary>Whether it adds.</summary>
    public bool IsAdd { get; }

    /// <summary>Scales, zero points and bounds.</summary>
    public BinaryFactors Factors { get; private set; }

    public override LayoutNeed Needs => LayoutNeed.Same;

    /// <summary>Adds; a negative sign subtracts b.</summary>
    public static BinaryOperation Add(string name, ByteOperand a, ByteOperand b, ByteResult output, int signOfB = 1)
    {
        var (scale, range) = (output.Scale, output.Range);
        var (ratioA, ratioB) = (a.Scale.Scale / scale.Scale, signOfB * (b.Scale.Scale / scale.Scale));
        // ONNX Runtime's compiler contracts this sum of products, so that one of them is rounded and the other is not.
        var offset = scale.ZeroPoint - MathF.FusedMultiplyAdd(ratioA, a.Scale.ZeroPoint, ratioB * b.Scale.ZeroPoint);
        return new(name, a.Value, b.Value, output.Value, true, new BinaryFactors(ratioA, ratioB, offset, 0, 0, range.Low, range.High));
    }

    /// <summary>Multiplies.</summary>
    public static BinaryOperation Multiply(string name, ByteOperand a, ByteOperand b, ByteResult output) =>
        new(name, a.Value, b.Value, output.Value, false, new BinaryFactors(a.Scale.Scale * b.Scale.Scale / output.Scale.Scale, 0,
            output.Scale.ZeroPoint, a.Scale.ZeroPoint, b.Scale.ZeroPoint, output.Range.Low, output.Range.High));

    public override bool TryClamp(ByteRange range)
    {
        var both = new ByteRange(Factors.Low, Factors.High).Then(range);
        Factors = Factors with { Low = both.Low, High = both.High };
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var walk = ColumnWalk.Of(Output.Shape, Output.Layout.Strides, Broadcast(Inputs[0]), Broadcast(Inputs[1]));
        return new BinaryStep(walk, Place.Of(Inputs[0].Layout), Place.Of(Inputs[1].Layout), Place.Of(Output.Layout), Factors,
            (IsAdd ? BinaryKernels.Add : BinaryKernels.Multiply).Choose(factory.Kernels))
        {
            Name = Name,
            Kind = IsAdd ? "add" : "multiply",
            BytesTouched = OperandBytes(),
        };
    }

    private long[] Broadcast(EngineValue value)
    {
        var missing = Output.Shape.Length - value.Shape.Length;
        return [.. Output.Shape.Select((_, axis) => axis < missing || value.Shape[axis - missing] == 1 ? 0L : value.Layout.Strides[axis - missing])];
    }
}
