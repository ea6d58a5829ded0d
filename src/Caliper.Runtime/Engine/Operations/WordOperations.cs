using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>QuantizeLinear to 16 bits: floats to the upper and lower bytes of words.</summary>
internal sealed class QuantizeWordsOperation(string name, EngineValue input, WordOperand output)
    : Operation(name, [input], output.High, output.Low)
{
    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var (high, low, from) = (Outputs[0].Layout, Outputs[1].Layout, Inputs[0].Layout);
        var walk = StridedWalk.Of(Output.Shape, high.Strides, low.Strides, from.Strides);
        return new QuantizeWordsStep(walk, Place.Of(high), Place.Of(low), Place.Of(from), output.Scale, factory.Kernels)
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
    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        var (to, high, low) = (Output.Layout, Inputs[0].Layout, Inputs[1].Layout);
        var walk = StridedWalk.Of(Output.Shape, to.Strides, high.Strides, low.Strides);
        return new DequantizeWordsStep(walk, Place.Of(to), Place.Of(high), Place.Of(low), input.Scale, factory.Kernels)
        {
            Name = Name,
            Kind = "dequantize from 16 bits",
            BytesTouched = OperandBytes(),
        };
    }
}
