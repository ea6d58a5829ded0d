using Caliper.Graphs;

namespace Caliper.Fusion.Unfusing;

/// <summary>Sums of products with what follows them: an activation, a factor, a transposition.</summary>
internal static class Products
{
    private static readonly string[] OfActivation = ["activation", "activation_params", "activation_alpha", "activation_beta", "activation_gamma"];

    public static bool Convolution(Pieces pieces)
    {
        var whole = pieces.Whole;
        var given = whole.Attributes.GetValueOrDefault("activation_params") as AttributeValue.Floats;
        return Then(pieces, "Conv", given is null ? [] : [.. given.Values], whole.Input(3));
    }

    public static bool Gemm(Pieces pieces)
    {
        var whole = pieces.Whole;
        float[] parameters = [.. new[] { "activation_alpha", "activation_beta" }.Where(whole.Attributes.ContainsKey).Select(a => whole.Float(a, 0))];
        return Then(pieces, "Gemm", parameters, "");
    }

    public static bool MatMul(Pieces pieces)
    {
        var whole = pieces.Whole;
        if (whole.Int("transBatchA", 0) != 0 || whole.Int("transBatchB", 0) != 0) return false;
        var (a, b) = (Sided(pieces, 0, "transA"), Sided(pieces, 1, "transB"));
        if (a is null || b is null) return false;
        var alpha = whole.Float("alpha", 1);
        return alpha == 1 ? pieces.Finish("MatMul", [a, b])
            : pieces.Finish("Div", [pieces.Add("MatMul", [a, b]), pieces.Number("divisor", 1 / alpha)]);
    }

    /// <summary>A factor with its last two axes changed about where that is asked for; null where how many it has is not known.</summary>
    private static string? Sided(Pieces pieces, int input, string attribute)
    {
        var value = pieces.Whole.Inputs[input];
        if (pieces.Whole.Int(attribute, 0) == 0) return value;
        if (pieces.Graph.Find(value)?.Shape is not { Rank: >= 2 and var rank }) return null;
        var order = Enumerable.Range(0, rank).Select(i => (long)i).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return pieces.Add("Transpose", [value], n => n.With("perm", order));
    }

    private static bool Then(Pieces pieces, string opType, float[] parameters, string added)
    {
        var whole = pieces.Whole;
        var activation = whole.Text("activation", "");
        if (!IsKnown(activation, parameters.Length)) return false;
        Node Bare(Node node) => node with { Attributes = whole.Attributes.RemoveRange(OfActivation) };
        string[] inputs = [.. whole.Inputs.Take(3)];
        if (added.Length == 0 && activation.Length == 0) return pieces.Finish(opType, inputs, Bare);
        var sum = pieces.Add(opType, inputs, Bare);
        if (added.Length > 0 && activation.Length == 0) return pieces.Finish("Add", [sum, added]);
        if (added.Length > 0) sum = pieces.Add("Add", [sum, added]);
        return activation is "Clip"
            ? pieces.Finish("Clip", [sum, pieces.Number("min", parameters[0]), pieces.Number("max", parameters[1])])
            : pieces.Finish(activation, [sum], node => activation switch
            {
                "LeakyRelu" => node.With("alpha", parameters[0]),
                "HardSigmoid" => node.With("alpha", parameters[0]).With("beta", parameters[1]),
                _ => node,
            });
    }

    private static bool IsKnown(string activation, int parameters) => activation switch
    {
        "" or "Relu" or "Sigmoid" or "Tanh" or "HardSwish" => true,
        "LeakyRelu" => parameters >= 1,
        "Clip" or "HardSigmoid" => parameters >= 2,
        _ => false,
    };
}
