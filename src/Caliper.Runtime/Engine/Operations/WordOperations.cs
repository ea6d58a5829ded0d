using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>QuantizeLinear to 16 bits: floats to the upper and lower bytes of words.</summary>
internal sealed class QuantizeWordsOperation(string name, EngineValue input, WordOperand output)
    : Operation(name, [input], output.High, output.Low)
{
    /// <summary>What the words stand for.</summary>
    public WordScale Scale => output.Scale;

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var (high, low, from) = (Outputs[0].Layout, Outputs[1].Layout, Inputs[0].Layout);
        var program = new FloatProgram([TileInput.Floats], [], TileResult.OfWords(output.Scale));
        return new TileStep(Output.Shape, [new(Place.Of(from), sizeof(float), from.Strides, TileInput.Floats)],
            new(Place.Of(high), 1, high.Strides), program, factory, new(Place.Of(low), 1, low.Strides))
        {
            Name = Name,
            Kind = "quantize to 16 bits",
            BytesTouched = OperandBytes(),
        };
    }
}

/// <summary>DequantizeLinear from 16 bits: the upper and lower bytes of words to floats.</summary>
internal sealed class DequantizeWordsOperation(string name, WordOperand input, EngineValue output)
    : Operation(name, [input.High, input.Low], output)
{
    /// <summary>What the words stand for.</summary>
    public WordScale Scale => input.Scale;

    /// <summary>What it computes of both bytes, for whoever reads them itself.</summary>
    public FloatProgram Program { get; } = FloatProgram.OfWords(input.Scale);

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var operands = Inputs.Select((half, i) => new TileOperand(Place.Of(half.Layout), 1, half.Layout.Strides, Program.Inputs[i]));
        return new TileStep(Output.Shape, [.. operands], new(Place.Of(Output.Layout), sizeof(float), Output.Layout.Strides), Program, factory)
        {
            Name = Name,
            Kind = "dequantize from 16 bits",
            BytesTouched = OperandBytes(),
        };
    }
}
