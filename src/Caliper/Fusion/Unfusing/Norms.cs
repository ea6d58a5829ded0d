namespace Caliper.Fusion.Unfusing;

/// <summary>Layer norms and RMS norms with the sum before them.</summary>
internal static class Norms
{
    public static bool SkipLayerNorm(Pieces pieces)
    {
        var whole = pieces.Whole;
        if (pieces.IsAskedFor(1) || pieces.IsAskedFor(2)) return false;
        var sum = Sum(pieces, whole.Input(4));
        return pieces.Finish("LayerNormalization", Given(sum, whole.Input(2), whole.Input(3)),
            n => n.With("axis", -1).With("epsilon", whole.Float("epsilon", 1e-12f)));
    }

    public static bool SkipRmsNorm(Pieces pieces)
    {
        if (pieces.IsAskedFor(1) || pieces.IsAskedFor(2)) return false;
        return Rms(pieces, Sum(pieces, pieces.Whole.Input(3)), pieces.Whole.Input(2), pieces.Whole.Float("epsilon", 1e-6f));
    }

    public static bool RmsNorm(Pieces pieces)
    {
        var whole = pieces.Whole;
        var isLast = whole.Int("axis", -1) is var axis && (axis == -1 || axis == pieces.Graph.Find(whole.Inputs[0])?.Shape?.Rank - 1);
        return isLast && !pieces.IsAskedFor(1) && Rms(pieces, whole.Inputs[0], whole.Input(1), whole.Float("epsilon", 1e-5f));
    }

    /// <summary>Rows of three tables, added and normalized; how many tokens a text has is counted where that is asked for.</summary>
    public static bool EmbedLayerNorm(Pieces pieces)
    {
        var whole = pieces.Whole;
        var isPlaced = whole.Input(8).Length > 0;
        // Without places of their own, tokens have those of their order; both rows are counted from the same ids.
        if (pieces.IsAskedFor(1) && whole.Input(7).Length == 0) return false;
        if (!isPlaced && pieces.Opset < 10) return false;
        var words = pieces.Add("Gather", [whole.Inputs[2], whole.Inputs[0]]);
        var places = isPlaced ? pieces.Add("Gather", [whole.Inputs[3], whole.Inputs[8]]) : FirstRows(pieces);
        var sum = pieces.Add("Add", [words, places]);
        if (whole.Input(4).Length > 0 && whole.Input(1).Length > 0)
            sum = pieces.Add("Add", [sum, pieces.Add("Gather", [whole.Inputs[4], whole.Inputs[1]])]);
        if (pieces.IsAskedFor(2)) sum = pieces.Add("Identity", [sum], output: whole.Outputs[2]);
        if (pieces.IsAskedFor(1)) Count(pieces);
        return pieces.Finish("LayerNormalization", Given(sum, whole.Input(5), whole.Input(6)),
            n => n.With("axis", -1).With("epsilon", whole.Float("epsilon", 1e-12f)));
    }

    private static string FirstRows(Pieces pieces)
    {
        var whole = pieces.Whole;
        var lengths = pieces.Add("Shape", [whole.Inputs[0]]);
        var length = pieces.Add("Gather", [lengths, pieces.Numbers("second", 1)]);
        return pieces.Add("Slice", [whole.Inputs[3], pieces.Numbers("first", 0), length, pieces.Numbers("rows", 0)]);
    }

    private static void Count(Pieces pieces)
    {
        var (mask, counted) = (pieces.Whole.Inputs[7], pieces.Whole.Outputs[1]);
        if (pieces.Opset < 13) pieces.Add("ReduceSum", [mask], n => n.With("axes", [1]).With("keepdims", 0), counted);
        else pieces.Add("ReduceSum", [mask, pieces.Numbers("tokens", 1)], n => n.With("keepdims", 0), counted);
    }

    /// <summary>What goes in, what skipped, and the bias; it may be asked for itself.</summary>
    private static string Sum(Pieces pieces, string bias)
    {
        var whole = pieces.Whole;
        var first = bias.Length == 0 ? whole.Inputs[0] : pieces.Add("Add", [whole.Inputs[0], bias]);
        return pieces.Add("Add", [first, whole.Inputs[1]], output: pieces.IsAskedFor(3) ? whole.Outputs[3] : null);
    }

    private static bool Rms(Pieces pieces, string value, string gain, float epsilon)
    {
        var mean = pieces.LastMean(pieces.Add("Mul", [value, value]));
        var root = pieces.Add("Sqrt", [pieces.Add("Add", [mean, pieces.Number("epsilon", epsilon)])]);
        return gain.Length == 0 ? pieces.Finish("Div", [value, root]) : pieces.Finish("Mul", [pieces.Add("Div", [value, root]), gain]);
    }

    private static string[] Given(params string[] inputs) => [.. inputs.Where(i => i.Length > 0)];
}
