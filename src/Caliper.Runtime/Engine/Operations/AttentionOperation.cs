using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Operations;

/// <summary>A program between the products of attention, and which of its inputs the scores are.</summary>
internal sealed record ScoresProgram(FloatProgram Program, int Scores, EngineValue[] Others);

/// <summary>Two products of floats with Softmax between them, and functions around that. It reads queries, keys and values, then what the
/// functions do.</summary>
internal sealed class AttentionOperation(string name, EngineValue[] products, EngineValue output, FloatStack scores, FloatStack result,
    ScoresProgram? before, ScoresProgram? after) : Operation(name, [.. products, .. before?.Others ?? [], .. after?.Others ?? []], output)
{
    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override Step CreateStep(StepFactory factory)
    {
        var taken = 3;
        var (first, second) = (PartOf(before, ref taken, factory), PartOf(after, ref taken, factory));
        var operands = (Place.Of(Inputs[0].Layout), Place.Of(Inputs[1].Layout), Place.Of(Inputs[2].Layout));
        return new AttentionStep(operands, Place.Of(Output.Layout), scores, result, first, second, factory.Kernels)
        {
            Name = Name,
            Kind = "attention (float)",
            BytesTouched = OperandBytes(),
        };
    }

    // Passes over the graph may have replaced what is read.
    private AttentionPart? PartOf(ScoresProgram? part, ref int taken, StepFactory factory)
    {
        if (part is null) return null;
        var others = Inputs[taken..(taken += part.Others.Length)];
        return new AttentionPart(new RowProgram(part.Program, factory), part.Scores, [.. others.Select(OperandOf)]);
    }

    private AttentionOperand OperandOf(EngineValue value)
    {
        int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, 2 - value.Shape.Length)), .. value.Shape];
        var strides = TensorLayout.DenseStrides(shape, value.ElementSize);
        int[] of = [.. Output.Shape[..^1], scores.Columns];
        return new AttentionOperand(Place.Of(value.Layout), BatchOffsets.Of(shape, strides, of), shape[^2] > 1 ? strides[^2] : 0,
            (long)value.Count * value.ElementSize);
    }
}
