using Caliper.Fusion;
using Caliper.Fusion.Composites;
using Caliper.Graphs;
using Caliper.Recovery;

namespace Caliper.DataFree;

/// <summary>Operations that make each value of one: activations, and arithmetic with a constant for each channel.</summary>
internal static class PointwiseFunctions
{
    /// <summary>The function of each channel; null where the node is none of these, or its constants differ within a channel.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">The operation.</param>
    /// <param name="input">Which of its inputs is computed.</param>
    /// <param name="place">Number of axes of that input, and the axis and number of its channels.</param>
    public static Func<int, double, double>? Of(Graph graph, Node node, int input, (int Rank, int Axis, int Channels) place)
    {
        if (node.Domain.Length > 0) return null;
        if (ActivationRange.Of(graph, node) is var (min, max)) return (_, x) => Math.Min(Math.Max(x, min), max);
        if (Plain(node) is { } plain) return (_, x) => plain(x);
        if (node.Inputs.Length != 2) return null;
        if (ChannelConstant.Of(graph.Constant(node.Inputs[1 - input]), place.Rank, place.Axis, place.Channels) is not { } k) return null;
        return (node.OpType, input) switch
        {
            ("PRelu", 0) => (c, x) => x < 0 ? k[c] * x : x,
            ("Add", _) => (c, x) => x + k[c],
            ("Sub", 0) => (c, x) => x - k[c],
            ("Sub", 1) => (c, x) => k[c] - x,
            ("Mul", _) => (c, x) => x * k[c],
            ("Div", 0) => (c, x) => x / k[c],
            ("Max", _) => (c, x) => Math.Max(x, k[c]),
            ("Min", _) => (c, x) => Math.Min(x, k[c]),
            _ => null,
        };
    }

    private static Func<double, double>? Plain(Node node)
    {
        var (alpha, beta) = (node.Float("alpha", float.NaN), node.Float("beta", 0.5f));
        double Or(double otherwise) => float.IsNaN(alpha) ? otherwise : alpha;
        switch (node.OpType)
        {
            case "Identity" or "Dropout": return x => x;
            case "LeakyRelu":
                var slope = Or(0.01);
                return x => x < 0 ? slope * x : x;
            case "Elu":
                var below = Or(1);
                return x => x < 0 ? below * (Math.Exp(x) - 1) : x;
            case "HardSigmoid":
                var steep = Or(0.2);
                return x => Math.Clamp((steep * x) + beta, 0, 1);
            case "HardSwish": return x => x * Math.Clamp((x / 6) + 0.5, 0, 1);
            case "Sigmoid": return x => 1 / (1 + Math.Exp(-x));
            case "Tanh": return Math.Tanh;
            case "Softplus": return Softplus;
            case "Mish": return x => x * Math.Tanh(Softplus(x));
            case "Gelu": return ScalarFunction.Gelu;
            case "Erf": return ScalarFunction.Erf;
            case "Neg": return x => -x;
            case "Abs": return Math.Abs;
            default: return null;
        }
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
