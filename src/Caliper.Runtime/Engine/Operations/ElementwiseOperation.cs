using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>Functions of floats, element by element, with broadcasting: an island between bytes, whose floats never leave the first
/// cache; or a part of one.</summary>
internal sealed class ElementwiseOperation(string name, EngineValue[] inputs, EngineValue[] outputs, FloatProgram program)
    : Operation(name, inputs, outputs)
{
    /// <summary>What is computed.</summary>
    public FloatProgram Program { get; private set; } = program;

    public override LayoutNeed Needs => LayoutNeed.Same;

    /// <summary>A function of one or two floats.</summary>
    public static ElementwiseOperation Of(string name, FloatCall call, EngineValue output, params EngineValue[] inputs) =>
        new(name, inputs, [output], new FloatProgram([.. inputs.Select(_ => TileInput.Floats)], [call], null));

    /// <summary>Computes an input here instead of reading it.</summary>
    public void Take(int input, EngineValue[] inputs, FloatProgram inner)
    {
        Inputs = [.. Inputs[..input], .. inputs, .. Inputs[(input + 1)..]];
        Program = Program.Around(inner, input);
    }

    /// <summary>Reads what two inputs read alike only once.</summary>
    public void ReadOnce()
    {
        for (var input = Inputs.Length - 1; input > 0; input--)
        {
            var first = Enumerable.Range(0, input).FirstOrDefault(i => Inputs[i] == Inputs[input] && Program.Inputs[i] == Program.Inputs[input], -1);
            if (first < 0) continue;
            Inputs = [.. Inputs[..input], .. Inputs[(input + 1)..]];
            Program = Program.WithoutInput(input, first);
        }
    }

    /// <summary>The same, but it writes bytes instead of floats: one tensor, or the halves of words.</summary>
    public ElementwiseOperation Giving(EngineValue[] outputs, TileResult result) => new(Name, Inputs, outputs, Program with { Result = result });

    public override bool TryClamp(ByteRange range)
    {
        if (Program.Result is not { Words: null } result) return false;
        Program = Program with { Result = result with { Range = result.Range.Then(range) } };
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var operands = Inputs.Select((value, i) => new TileOperand(Place.Of(value.Layout), value.ElementSize, Broadcast(value), Program.Inputs[i]));
        var isFloat = Program.Result is null && Program.Inputs.All(i => i.Scale is null);
        return new TileStep(Output.Shape, [.. operands], TargetOf(Output), Program, factory, Outputs.Length > 1 ? TargetOf(Outputs[1]) : null)
        {
            Name = Name,
            Kind = isFloat ? $"{Program} (float)" : Program.ToString(),
            BytesTouched = OperandBytes(),
        };
    }

    private static TileTarget TargetOf(EngineValue value) => new(Place.Of(value.Layout), value.ElementSize, value.Layout.Strides);

    private long[] Broadcast(EngineValue value)
    {
        var missing = Output.Shape.Length - value.Shape.Length;
        return [.. Output.Shape.Select((_, axis) => axis < missing || value.Shape[axis - missing] == 1 ? 0L : value.Layout.Strides[axis - missing])];
    }
}
