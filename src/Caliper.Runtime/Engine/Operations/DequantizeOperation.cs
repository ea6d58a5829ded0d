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

    /// <summary>The bytes as the input of a program that reads them itself; null where each channel has a scale of its own.</summary>
    public TileInput? Tile => scales.Length > 1 ? null : new TileInput(scales[0], Function is { Of: var function }
        ? [.. Enumerable.Range(0, 256).Select(q => function(scales[0].Dequantize((byte)q)))] : null);

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override Step CreateStep(StepFactory factory)
    {
        if (Tile is { } tile) return TilesOf(tile, factory);
        var parts = scales.Select((scale, index) =>
        {
            int[] lengths = [.. Output.Shape.Select((l, a) => a == axis ? 1 : l)];
            var from = Place.Of(Inputs[0].Layout) + index * Inputs[0].Layout.Strides[axis];
            var to = Place.Of(Output.Layout) + index * Output.Layout.Strides[axis];
            return new DequantizeStep.Part(StridedWalk.Of(lengths, Output.Layout.Strides, Inputs[0].Layout.Strides), from, to, scale, Function?.Of);
        });
        return new DequantizeStep([.. parts])
        {
            Name = Name,
            Kind = Function is { Kind: var kind } ? $"{kind} to float" : "dequantize",
            BytesTouched = OperandBytes(),
        };
    }

    private TileStep TilesOf(TileInput tile, StepFactory factory)
    {
        var (from, to) = (Inputs[0].Layout, Output.Layout);
        return new TileStep(Output.Shape, [new(Place.Of(from), 1, from.Strides, tile)], new(Place.Of(to), sizeof(float), to.Strides),
            new FloatProgram([tile], [], null), factory)
        {
            Name = Name,
            Kind = Function is { Kind: var kind } ? $"{kind} to float" : "dequantize",
            BytesTouched = OperandBytes(),
        };
    }
}
