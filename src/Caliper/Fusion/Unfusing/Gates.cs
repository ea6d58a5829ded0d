namespace Caliper.Fusion.Unfusing;

/// <summary>Products x · g(x), and the bias before them.</summary>
internal static class Gates
{
    public static bool BiasGelu(Pieces pieces) => WithoutBias(pieces, "Gelu");

    /// <summary>Only the bias is taken off: without one it is an operator as any other.</summary>
    public static bool FastGelu(Pieces pieces) => pieces.Whole.Input(1).Length > 0 && WithoutBias(pieces, "FastGelu");

    /// <summary>x · sigmoid(α · x), where α is 1: SiLU. With another it is an operator as any other.</summary>
    public static bool QuickGelu(Pieces pieces)
    {
        var (x, alpha) = (pieces.Whole.Inputs[0], pieces.Whole.Float("alpha", 1.702f));
        return alpha == 1 && pieces.Finish("Mul", [x, pieces.Add("Sigmoid", [x])]);
    }

    /// <summary>The same, with any factor.</summary>
    public static bool Swish(Pieces pieces)
    {
        var (x, alpha) = (pieces.Whole.Inputs[0], pieces.Whole.Float("alpha", 1));
        var inner = alpha == 1 ? x : pieces.Add("Mul", [x, pieces.Number("alpha", alpha)]);
        return pieces.Finish("Mul", [x, pieces.Add("Sigmoid", [inner])]);
    }

    private static bool WithoutBias(Pieces pieces, string opType) => pieces.Finish(opType,
        [pieces.Add("Add", [pieces.Whole.Inputs[0], pieces.Whole.Inputs[1]])], n => n with { Domain = pieces.Whole.Domain });
}
