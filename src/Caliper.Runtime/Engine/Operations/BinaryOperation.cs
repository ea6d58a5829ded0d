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
    public static BinaryOperation Add(
        string name, EngineValue a, ByteScale scaleA, EngineValue b, ByteScale scaleB, EngineValue output, ByteScale scale, ByteRange range,
        int signOfB = 1)
    {
        var (ratioA, ratioB) = (scaleA.Scale / scale.Scale, signOfB * (scaleB.Scale / scale.Scale));
        // ONNX Runtime's compiler contracts this sum of products, so that one of them is rounded and the other is not.
        var offset = scale.ZeroPoint - MathF.FusedMultiplyAdd(ratioA, scaleA.ZeroPoint, ratioB * scaleB.ZeroPoint);
        return new(name, a, b, output, true, new BinaryFactors(ratioA, ratioB, offset, 0, 0, range.Low, range.High));
    }

    /// <summary>Multiplies.</summary>
    public static BinaryOperation Multiply(
        string name, EngineValue a, ByteScale scaleA, EngineValue b, ByteScale scaleB, EngineValue output, ByteScale scale, ByteRange range) =>
        new(name, a, b, output, false, new BinaryFactors(scaleA.Scale * scaleB.Scale / scale.Scale, 0, scale.ZeroPoint,
            scaleA.ZeroPoint, scaleB.ZeroPoint, range.Low, range.High));

    public override bool TryClamp(ByteRange range)
    {
        var both = new ByteRange(Factors.Low, Factors.High).Then(range);
        Factors = Factors with { Low = both.Low, High = both.High };
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var walk = StridedWalk.Of(Output.Shape, Output.Layout.Strides, Broadcast(Inputs[0]), Broadcast(Inputs[1]));
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
