using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>QuantizeLinear: floats to bytes, in whichever layout the bytes are wanted.</summary>
internal sealed class QuantizeOperation(string name, EngineValue input, ByteOperand output) : Operation(name, [input], output.Value)
{
    /// <summary>Whether it may write the bytes that fill up a pixel, which in a part of a larger tensor are other channels.</summary>
    public bool FillsPixels => Output.Shape.Length >= 3 && Output.Shape[1] <= QuantizeStep.MostImageChannels;

    /// <summary>What the bytes stand for.</summary>
    public ByteScale Scale => output.Scale;

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        if (!QuantizeStep.IsImage(Inputs[0].Layout, Output.Layout)) return TilesOf(factory);
        return new QuantizeStep(Inputs[0].Layout, Output.Layout, output.Scale, factory.Kernels)
        {
            Name = Name,
            Kind = "quantize",
            BytesTouched = OperandBytes(),
        };
    }

    private TileStep TilesOf(StepFactory factory)
    {
        var (from, to) = (Inputs[0].Layout, Output.Layout);
        var program = new FloatProgram([TileInput.Floats], [], new TileResult(output.Scale, ByteRange.Full));
        return new TileStep(Output.Shape, [new(Place.Of(from), sizeof(float), from.Strides, TileInput.Floats)], new(Place.Of(to), 1, to.Strides),
            program, factory)
        {
            Name = Name,
            Kind = "quantize",
            BytesTouched = OperandBytes(),
        };
    }
}
