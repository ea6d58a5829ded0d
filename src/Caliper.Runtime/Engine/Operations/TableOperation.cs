using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>A function of one quantized value: a table of 256 bytes.</summary>
internal sealed class TableOperation(string name, string kind, EngineValue input, EngineValue output, byte[] table)
    : Operation(name, [input], output)
{
    /// <summary>The result for each byte.</summary>
    public byte[] Table => table;

    public override LayoutNeed Needs => LayoutNeed.Same;

    /// <summary>Whether every byte stays as it is.</summary>
    public bool IsIdentity => IsClamp(out var range) && range == ByteRange.Full;

    /// <summary>Whether the function only cuts off below and above.</summary>
    public bool IsClamp(out ByteRange range)
    {
        range = new ByteRange(table[0], table[255]);
        for (var q = 0; q < 256; q++) if (table[q] != Math.Clamp((byte)q, table[0], Math.Max(table[0], table[255]))) return false;
        return true;
    }

    public override bool TryClamp(ByteRange range)
    {
        for (var q = 0; q < 256; q++) table[q] = Math.Clamp(table[q], range.Low, range.High);
        return true;
    }

    public override Step CreateStep(StepFactory factory) => new TableStep(
        ColumnWalk.Of(Output.Shape, Output.Layout.Strides, Inputs[0].Layout.Strides),
        Place.Of(Inputs[0].Layout), Place.Of(Output.Layout), table, factory)
    {
        Name = Name,
        Kind = kind,
        BytesTouched = OperandBytes(),
    };
}
