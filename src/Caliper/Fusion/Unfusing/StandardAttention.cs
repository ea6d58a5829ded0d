using Caliper.Graphs;

namespace Caliper.Fusion.Unfusing;

/// <summary>
/// The Attention that ONNX has from version 23 on, as two products with a Softmax between them. One that keeps keys and values from call to call,
/// bounds its scores softly, or shares keys among queries, stays as it is.
/// </summary>
internal static class StandardAttention
{
    public static bool Plain(Pieces pieces)
    {
        var whole = pieces.Whole;
        if (new[] { 4, 5, 6 }.Any(i => whole.Input(i).Length > 0) || new[] { 1, 2, 3 }.Any(pieces.IsAskedFor)) return false;
        if (whole.Float("softcap", 0) != 0) return false;
        var shapes = whole.Inputs.Take(3).Select(i => pieces.Graph.Find(i)?.Shape).ToArray();
        if (shapes is not [{ Rank: var rank } queries, { } keys, { } values] || rank is not (3 or 4) || keys.Rank != rank || values.Rank != rank)
            return false;
        var heads = rank == 4 ? Known(queries[1]) : whole.Int("q_num_heads", 0);
        if (heads < 1 || heads != (rank == 4 ? Known(keys[1]) : whole.Int("kv_num_heads", 0))) return false;
        var (width, valueWidth) = (Known(queries[rank - 1]), Known(values[rank - 1]));
        if (width < 1 || valueWidth < 1 || (rank == 3 && (width % heads != 0 || valueWidth % heads != 0))) return false;

        var depth = rank == 4 ? width : width / heads;
        var (q, v) = rank == 4 ? (whole.Inputs[0], whole.Inputs[2])
            : (Attentions.Heads(pieces, whole.Inputs[0], heads, 0, 2, 1, 3), Attentions.Heads(pieces, whole.Inputs[2], heads, 0, 2, 1, 3));
        var k = rank == 4 ? pieces.Add("Transpose", [whole.Inputs[1]], n => n.With("perm", [0, 1, 3, 2]))
            : Attentions.Heads(pieces, whole.Inputs[1], heads, 0, 2, 3, 1);
        var scale = whole.Attributes.ContainsKey("scale") ? whole.Float("scale", 1) : 1 / MathF.Sqrt(depth);
        var scores = pieces.Add("Div", [pieces.Add("MatMul", [q, k]), pieces.Number("divisor", 1 / scale)]);
        if (whole.Int("is_causal", 0) != 0) scores = pieces.Add("Add", [scores, Causal(pieces, scores)]);
        if (whole.Input(3).Length > 0) scores = pieces.Add("Add", [scores, Added(pieces, whole.Inputs[3])]);
        var shares = pieces.Add("Softmax", [scores], n => n.With("axis", -1));
        if (rank == 4) return pieces.Finish("MatMul", [shares, v]);
        var side = pieces.Add("Transpose", [pieces.Add("MatMul", [shares, v])], n => n.With("perm", [0, 2, 1, 3]));
        return pieces.Finish("Reshape", [side, pieces.Numbers("joined", 0, 0, valueWidth)]);
    }

    private static long Known(Dimension dimension) => dimension.IsKnown ? dimension.Length : 0;

    /// <summary>What is added for a mask: itself, or of one of conditions as good as nothing where it is false.</summary>
    private static string Added(Pieces pieces, string mask) => pieces.Graph.Find(mask) is not { Type: ElementType.Boolean } ? mask
        : pieces.Add("Where", [mask, pieces.Number("seen", 0), pieces.Number("hidden", float.NegativeInfinity)]);

    /// <summary>The places after each query's own, which it does not see.</summary>
    private static string Causal(Pieces pieces, string scores)
    {
        var lengths = pieces.Add("Shape", [scores]);
        var queries = pieces.Add("Unsqueeze", [Counted(pieces, lengths, 2), pieces.Numbers("column", 1)]);
        var seen = pieces.Add("GreaterOrEqual", [queries, Counted(pieces, lengths, 3)]);
        return pieces.Add("Where", [seen, pieces.Number("seen", 0), pieces.Number("hidden", float.NegativeInfinity)]);
    }

    private static string Counted(Pieces pieces, string lengths, long axis) => pieces.Add("Range", [pieces.Constant("first", Tensor.Scalar(0L)),
        pieces.Add("Gather", [lengths, pieces.Constant("axis", Tensor.Scalar(axis))]), pieces.Constant("step", Tensor.Scalar(1L))]);
}
