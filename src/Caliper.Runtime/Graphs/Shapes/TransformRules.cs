using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Sums of products that an equation names, and Fourier transforms.</summary>
internal static class TransformRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(Einsum, "Einsum"),
        .. RuleTable.For(Dft, "DFT"),
        .. RuleTable.For(Stft, "STFT"),
    ];

    private static void Einsum(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        Shape[] shapes = [.. Enumerable.Range(0, node.Node.Inputs.Length).Select(node.Shape).OfType<Shape>()];
        if (shapes.Length < node.Node.Inputs.Length) return;
        var form = EinsumForm.Of(node.Node, [.. shapes.Select(s => s.Rank)]);
        var lengths = form.Lengths(node.Node, [.. shapes], DimensionArithmetic.Broadcast);
        node.Set(0, node.Type(0), new Shape([.. form.Output.Select(axis => lengths[axis])]));
    }

    private static void Dft(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        long? axis = node.Node.Attributes.ContainsKey("axis") ? node.Node.Int("axis", 0) : null;
        if (node.Has(2))
        {
            if (node.Ints(2)?.Numbers is not [var said]) return;
            axis = said;
        }
        if (node.Shape(0) is not { } signal || FourierForm.Of(node.Node, signal, axis) is not { } form) return;
        long? wanted = node.Ints(1)?.Numbers is [var number] ? number : null;
        Dimension length = (node.Has(1) && wanted is null) || !signal[form.Axis].IsKnown ? wanted ?? Dimension.Unknown
            : form.LengthOf(signal[form.Axis].Length, wanted);
        if (length is { IsKnown: true, Length: < 1 }) throw node.Bad($"transforms {length} elements");
        node.Set(0, node.Type(0), signal.With(form.Axis, length.IsKnown ? form.Results(length.Length) : Dimension.Unknown).With(-1, form.Parts));
    }

    private static void Stft(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } signal) return;
        if (signal.Rank != 3) throw node.Bad($"has a signal of shape {signal}, but takes batch, length and 1 or 2 parts");
        var unknown = new Shape([signal[0], Dimension.Unknown, Dimension.Unknown, 2]);
        node.Set(0, node.Type(0), unknown);
        var (step, frame) = (node.Ints(1)?.Numbers, node.Has(3) ? node.Ints(3)?.Numbers : null);
        Dimension? window = node.Has(2) && node.Shape(2) is { Rank: 1 } one ? one[0] : null;
        if (step is not [var apart] || !signal[1].IsKnown || (node.Has(3) && frame is null) || window is { IsKnown: false }) return;
        var (frames, length) = FourierForm.FramesOf(node.Node, signal[1].Length, apart, window?.Length, frame?[0]);
        node.Set(0, node.Type(0), new Shape(
            [signal[0], frames, FourierForm.Frequencies(length, node.Node.Int("onesided", 1) != 0), 2]));
    }
}
