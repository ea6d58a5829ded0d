using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>One box of a <see cref="CopyOperation"/>'s output and where it comes from.</summary>
/// <param name="Input">Index of the input.</param>
/// <param name="OutputStart">First index of the box along each output axis.</param>
/// <param name="Lengths">Lengths of the box.</param>
/// <param name="InputStart">Index that the box's first element has in the input, along each input axis.</param>
/// <param name="Axes">For each output axis the input axis that moves along with it (-1 for none) and by how many elements each time.</param>
internal sealed record CopyPart(int Input, int[] OutputStart, int[] Lengths, int[] InputStart, (int Axis, int Stride)[] Axes)
{
    /// <summary>A whole tensor, put at a place in the output.</summary>
    public static CopyPart Of(int input, EngineValue value, int[] outputStart) => new(
        input, outputStart, value.Shape, new int[value.Shape.Length], [.. Enumerable.Range(0, value.Shape.Length).Select(axis => (axis, 1))]);
}

/// <summary>
/// Everything that only moves elements: Transpose, Slice, Split, Pad, Concat, Expand, Gather at constant places, and changes
/// of layout. The output is made of boxes, each read from an input at fixed strides; what no box covers is filled.
/// </summary>
internal sealed class CopyOperation(string name, string kind, EngineValue[] inputs, EngineValue output, CopyPart[] parts)
    : Operation(name, inputs, output)
{
    /// <summary>The boxes; they do not overlap.</summary>
    public CopyPart[] Parts => parts;

    /// <summary>What is written where no box is; null where the boxes cover all.</summary>
    public byte[]? Fill { get; init; }

    /// <summary>Flips the top bit of each byte: between int8 of the caller and bytes of the engine.</summary>
    public bool FlipsSign { get; init; }

    public override LayoutNeed Needs => IsConcatenation || parts.All(p => KeepsOrder(p)) ? LayoutNeed.Same : LayoutNeed.Any;

    /// <summary>Whether every input is put whole into the output.</summary>
    public bool IsConcatenation => kind == "Concat";

    /// <summary>Of a Transpose, which axis of the input each axis of the output is; null of all else.</summary>
    public int[]? Order => kind == "Transpose" ? [.. parts[0].Axes.Select(a => a.Axis)] : null;

    /// <summary>Whether the output can be the input's memory, looked at differently.</summary>
    public bool CanBeView => parts.Length == 1 && Fill is null && !FlipsSign && Inputs[0].Constant is null && !IsConcatenation
        && kind != "Layout" && parts[0].Axes.All(a => a.Stride > 0);

    /// <summary>A copy that changes nothing but how the tensor lies in memory.</summary>
    public static CopyOperation Whole(string name, EngineValue from, EngineValue to, bool flipsSign = false) =>
        new(name, "Layout", [from], to, [CopyPart.Of(0, from, new int[from.Shape.Length])]) { FlipsSign = flipsSign };

    /// <summary>A tensor with its axes in another order.</summary>
    public static CopyOperation Transposed(string name, EngineValue from, EngineValue to, IEnumerable<int> order)
    {
        var start = new int[to.Shape.Length];
        return new(name, "Transpose", [from], to, [new CopyPart(0, start, to.Shape, start, [.. order.Select(axis => (axis, 1))])]);
    }

    /// <summary>The input's memory looked at as the output.</summary>
    public TensorLayout View()
    {
        var (layout, part) = (Inputs[0].Layout, parts[0]);
        return new TensorLayout(layout.Storage, layout.Offset + Start(part, layout), Output.Shape, InputStrides(part, layout));
    }

    public override Step? CreateStep(StepFactory factory)
    {
        var moved = parts.Where(p => !LiesInPlace(p)).ToArray();
        if (moved.Length == 0 && Fill is null) return null;
        var shown = kind == "Layout" ? "copy" : kind;
        if (moved is [var only] && Fill is null && Output.ElementSize == 1 && TransposeOf(only, shown) is { } transpose) return transpose;
        if (moved is [var box] && Fill is null && Output.ElementSize == sizeof(float)
            && BoxOf(box) is { ColumnBytes: sizeof(float), IsSideBySide: false })
            return TilesOf(box, shown, factory);
        return new CopyStep(BoxesOf(moved), FillWalk(), Fill, Output.ElementSize, FlipsSign)
        {
            Name = Name,
            Kind = shown,
            BytesTouched = OperandBytes(),
        };
    }

    private bool LiesInPlace(CopyPart part)
    {
        var (from, to) = (Inputs[part.Input].Layout, Output.Layout);
        if (from.Storage != to.Storage || FlipsSign) return false;
        var strides = InputStrides(part, from);
        var offset = to.Offset + part.OutputStart.Select((start, axis) => start * to.Strides[axis]).Sum();
        return from.Offset + Start(part, from) == offset
            && part.Lengths.Where((length, axis) => length > 1 && strides[axis] != to.Strides[axis]).All(_ => false);
    }

    private IEnumerable<CopiedBox> BoxesOf(CopyPart[] moved)
    {
        // Between different tensors lies what is none of this operation's.
        var isOneTensor = moved.Select(part => Inputs[part.Input].Layout.Storage).Distinct().Count() == 1;
        if (moved.Length < 2 || !isOneTensor) return moved.Select(BoxOf);
        (int[], (Place, long[]), (Place, long[]))[] boxes = [.. moved.Select(part =>
        {
            var (from, to) = Ends(part);
            return (part.Lengths, from, to);
        })];
        var together = CopiedBox.Together(boxes, Output.ElementSize) ?? (FlipsSign ? null : CopiedBox.OfColumns(boxes, Output.ElementSize));
        return together is null ? moved.Select(BoxOf) : [together];
    }

    private CopiedBox BoxOf(CopyPart part)
    {
        var (from, to) = Ends(part);
        return CopiedBox.Of(part.Lengths, Output.ElementSize, from, to);
    }

    private TransposeStep? TransposeOf(CopyPart part, string shown)
    {
        var (from, to) = Ends(part);
        return TransposeStep.Of(part.Lengths, from, to, FlipsSign, Name, shown, OperandBytes());
    }

    /// <summary>Elements of 4 bytes whose order changes, tile by tile.</summary>
    private TileStep TilesOf(CopyPart part, string shown, StepFactory factory)
    {
        var (from, to) = Ends(part);
        return new TileStep(part.Lengths, [new(from.Place, sizeof(float), from.Strides, TileInput.Floats)],
            new(to.Place, sizeof(float), to.Strides), new FloatProgram([TileInput.Floats], [], null), factory)
        {
            Name = Name,
            Kind = shown,
            BytesTouched = OperandBytes(),
        };
    }

    /// <summary>Where a box is read and written, and how it lies there.</summary>
    private ((Place Place, long[] Strides) From, (Place Place, long[] Strides) To) Ends(CopyPart part)
    {
        var (from, to) = (Inputs[part.Input].Layout, Output.Layout);
        var start = part.OutputStart.Select((s, axis) => s * to.Strides[axis]).Sum();
        return ((Place.Of(from) + Start(part, from), InputStrides(part, from)), (Place.Of(to) + start, to.Strides));
    }

    private (StridedWalk, Place)? FillWalk() => Fill is null ? null
        : (StridedWalk.Of(Output.Shape, Output.Layout.Strides), Place.Of(Output.Layout));

    private static long Start(CopyPart part, TensorLayout layout) =>
        part.InputStart.Select((start, axis) => start * layout.Strides[axis]).Sum();

    private static long[] InputStrides(CopyPart part, TensorLayout layout) =>
        [.. part.Axes.Select(a => a.Axis < 0 ? 0 : layout.Strides[a.Axis] * a.Stride)];

    private static bool KeepsOrder(CopyPart part)
    {
        for (var axis = 0; axis < part.Axes.Length; axis++) if (part.Axes[axis].Axis != axis) return false;
        return true;
    }
}
