using Caliper.Graphs;

namespace Caliper.Fusion.Unfusing;

/// <summary>
/// Attention as two products with a Softmax between them, as PyTorch's exporter writes it. One that keeps keys and values from call to call, or
/// looks back only, stays as it is.
/// </summary>
internal static class Attentions
{
    /// <summary>With the three projections of its input, whose weights lie side by side.</summary>
    public static bool WithProjections(Pieces pieces)
    {
        var whole = pieces.Whole;
        if (IsOfState(pieces, [4, 6]) || whole.Int("do_rotary", 0) != 0) return false;
        if (pieces.Graph.Constant(whole.Inputs[1]) is not { Type: ElementType.Float32, Shape.Rank: 2 } weights) return false;
        if (whole.Input(2).Length > 0 && VectorOf(pieces, 2) is null) return false;
        var width = weights.Shape[1].Length;
        var widths = whole.Ints("qkv_hidden_sizes") ?? [width / 3, width / 3, width / 3];
        if (widths.Length != 3 || widths.Any(w => w < 1 || w % whole.Int("num_heads", 1) != 0) || widths.Sum() != width
            || VectorOf(pieces, 2) is { } sums && sums.Count != width || MaskOf(pieces, whole.Input(3)) is not { } mask) return false;
        var from = new[] { 0, widths[0], widths[0] + widths[1] };
        var projected = Enumerable.Range(0, 3).Select(i => Projected(pieces, weights, from[i], widths[i])).ToArray();
        return Attend(pieces, projected, (widths[0], widths[2]), mask, whole.Input(5));
    }

    /// <summary>Of what was projected before.</summary>
    public static bool OfProjected(Pieces pieces)
    {
        var whole = pieces.Whole;
        if (IsOfState(pieces, [6, 7, 8, 9])) return false;
        var shapes = whole.Inputs.Take(3).Select(i => pieces.Graph.Find(i)?.Shape).ToArray();
        if (shapes.Any(s => s is not { Rank: 3 } known || !known[2].IsKnown) || MaskOf(pieces, whole.Input(4)) is not { } mask) return false;
        var widths = shapes.Select(s => s!.Value[2].Length).ToArray();
        if (widths.Any(w => w < 1 || w % whole.Int("num_heads", 1) != 0)) return false;
        var projected = whole.Inputs.Take(3).ToArray();
        if (whole.Input(3).Length > 0)
        {
            if (VectorOf(pieces, 3) is not { } bias || bias.Count != widths.Sum()) return false;
            for (var (i, from) = (0, 0L); i < 3; from += widths[i++])
                projected[i] = pieces.Add("Add", [projected[i], pieces.Constant("bias", Part(bias, from, widths[i]))]);
        }
        return Attend(pieces, projected, (widths[0], widths[2]), mask, whole.Input(5));
    }

    private static bool IsOfState(Pieces pieces, int[] states) => pieces.Whole.Int("unidirectional", 0) != 0 || pieces.Whole.Int("num_heads", 0) < 1
        || states.Any(i => pieces.Whole.Input(i).Length > 0) || Enumerable.Range(1, 3).Any(pieces.IsAskedFor);

    private static string Projected(Pieces pieces, Tensor weights, long from, long width)
    {
        var (rows, all) = ((int)weights.Shape[0].Length, (int)weights.Shape[1].Length);
        var columns = new float[rows * width];
        for (var row = 0; row < rows; row++)
            weights.Span<float>().Slice((row * all) + (int)from, (int)width).CopyTo(columns.AsSpan((int)(row * width)));
        var product = pieces.Add("MatMul", [pieces.Whole.Inputs[0], pieces.Constant("weight", Tensor.Of(Shape.Of(rows, width), columns))]);
        return pieces.Whole.Input(2).Length == 0 ? product
            : pieces.Add("Add", [product, pieces.Constant("bias", Part(pieces.Graph.Constant(pieces.Whole.Inputs[2])!, from, width))]);
    }

    private static Tensor? VectorOf(Pieces pieces, int input) =>
        pieces.Graph.Constant(pieces.Whole.Input(input)) is { Type: ElementType.Float32, Shape.Rank: 1 } vector ? vector : null;

    private static Tensor Part(Tensor vector, long from, long length) => Tensor.Vector(vector.Span<float>().Slice((int)from, (int)length).ToArray());

    /// <summary>The heads of queries, keys and values attend, and lie side by side again.</summary>
    private static bool Attend(Pieces pieces, string[] projected, (long Keys, long Values) widths, string mask, string bias)
    {
        var whole = pieces.Whole;
        var heads = whole.Int("num_heads", 1);
        var depth = widths.Keys / heads;
        var queries = Heads(pieces, projected[0], heads, 0, 2, 1, 3);
        var keys = Heads(pieces, projected[1], heads, 0, 2, 3, 1);
        var values = Heads(pieces, projected[2], heads, 0, 2, 1, 3);
        var scale = whole.Float("scale", 0) is > 0 and var given ? given : 1 / MathF.Sqrt(depth);
        var scores = pieces.Add("Div", [pieces.Add("MatMul", [queries, keys]), pieces.Number("divisor", 1 / scale)]);
        if (mask.Length > 0) scores = pieces.Add("Add", [scores, mask]);
        if (bias.Length > 0) scores = pieces.Add("Add", [scores, bias]);
        var context = pieces.Add("MatMul", [pieces.Add("Softmax", [scores], n => n.With("axis", 3)), values]);
        var side = pieces.Add("Transpose", [context], n => n.With("perm", [0, 2, 1, 3]));
        return pieces.Finish("Reshape", [side, pieces.Numbers("joined", 0, 0, widths.Values)]);
    }

    /// <summary>Rows cut into heads, the axes [sample, token, head, depth] then ordered.</summary>
    public static string Heads(Pieces pieces, string value, long heads, params long[] order) =>
        pieces.Add("Transpose", [pieces.Add("Reshape", [value, pieces.Numbers("heads", 0, 0, heads, -1)])], n => n.With("perm", order));

    /// <summary>What is added to scores for a mask of ones and zeros; empty where there is none, null where its form is another.</summary>
    private static string? MaskOf(Pieces pieces, string mask)
    {
        if (mask.Length == 0) return "";
        // Lengths that were counted from a mask: the mask itself tells as much.
        var counting = pieces.Graph.ProducerOf(mask);
        if (counting is { OpType: "EmbedLayerNormalization" } && counting.Input(7) is { Length: > 0 } counted) mask = counted;
        var apart = pieces.Graph.Find(mask)?.Shape?.Rank switch
        {
            2 => pieces.Add("Reshape", [mask, pieces.Numbers("apart", 0, 1, 1, -1)]),
            3 => Stacked(pieces, mask),
            _ => null,
        };
        if (apart is null) return null;
        var seen = pieces.Add("Cast", [apart], n => n.With("to", (long)ElementType.Float32));
        var hidden = pieces.Add("Sub", [pieces.Number("one", 1), seen]);
        return pieces.Add("Mul", [hidden, pieces.Number("masked", pieces.Whole.Float("mask_filter_value", -10000))]);
    }

    private static string Stacked(Pieces pieces, string mask) => pieces.Opset < 13
        ? pieces.Add("Unsqueeze", [mask], n => n.With("axes", [1])) : pieces.Add("Unsqueeze", [mask, pieces.Numbers("heads_axis", 1)]);
}
