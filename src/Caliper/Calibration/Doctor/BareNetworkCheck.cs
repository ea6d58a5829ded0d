using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Gross errors of scale in a network whose entrance has no batch norm to compare with: a first convolution that answers almost
/// only with its bias, or raw pixel levels before biases that have no say beside them.
/// </summary>
internal static class BareNetworkCheck
{
    /// <summary>The share of the first layer's power that changes with the input, and what its biases alone would be relative to
    /// it. Right data: 0.34 and 0.8 (ResNet-20, folded), 0.74 and 0.02 (SqueezeNet). Levels times 1/255 where they should not
    /// be: 0.04 and 0.97, 0.06 and 0.87.</summary>
    public const double LeastChange = 0.1, MostBias = 0.8;

    /// <summary>Biases relative to what layers return, in the middle layer. ResNet-20: 1.4, with raw levels 0.03.</summary>
    public const double LeastBias = 0.05;

    public static Diagnostic? Of(FusedModel fused, CalibrationStatistics statistics, string input)
    {
        if (FirstLayer.Reader(fused, input) is not { } layer || statistics.Tensors.GetValueOrDefault(input)?.All is not { Samples: > 0 } fed)
            return null;
        if (statistics.Tensors.GetValueOrDefault(layer.Output)?.All is not { Samples: > 0 } answer) return null;
        if (BiasPower(fused.Model.Graph, layer) is not { } bias) return null;
        var power = Power(answer);
        var change = answer.Channels.Sum(c => c.Variance) / power;
        if (change < LeastChange && Math.Sqrt(bias / power) > MostBias)
        {
            return new Diagnostic("input-ignored", input,
                $"Only {Wording.Number(100 * change)} % of what '{layer.Name}' returns changes with the input; the rest is its bias.",
                "The input is probably scaled too small or shifted: preprocess the data as the network was trained.");
        }
        var isRaw = fed is { Min: >= 0 and < 16, Max: > 200 and <= 255 } && fed.Channels.Length is 1 or 3;
        if (!isRaw || HasNormalization(fused.Model.Graph) || MiddleBias(fused, statistics) is not { } middle || middle > LeastBias) return null;
        return new Diagnostic("raw-levels", input,
            $"Its values are pixel levels from {Wording.Number(fed.Min)} to {Wording.Number(fed.Max)}, "
                + $"beside which the network's biases have no say (in the middle layer {Wording.Number(100 * middle)} % of what it returns).",
            "Networks are seldom trained on raw levels: check whether a scale or a mean is missing in the preprocessing.");
    }

    private static double Power(TensorStatistics tensor) => tensor.Channels.Sum(c => c.Variance + (c.Mean * c.Mean));

    private static double? BiasPower(Graph graph, Layer layer) =>
        graph.Constant(layer.Operation.Input(2)) is { Type: ElementType.Float32 } bias ? bias.Span<float>().ToArray().Sum(b => (double)b * b) : null;

    private static double? MiddleBias(FusedModel fused, CalibrationStatistics statistics)
    {
        var shares = fused.Layers.Where(l => OperatorCatalogue.ProductOf(l.Operation) is ProductKind.Convolution)
            .Select(l => (Bias: BiasPower(fused.Model.Graph, l), Output: statistics.Tensors.GetValueOrDefault(l.Output)?.All))
            .Where(l => l is { Bias: not null, Output.Samples: > 0 } && Power(l.Output) > 0)
            .Select(l => Math.Sqrt(l.Bias!.Value / Power(l.Output!))).Order().ToArray();
        return shares.Length == 0 ? null : shares[shares.Length / 2];
    }

    private static bool HasNormalization(Graph graph) => graph.Nodes.Any(n => n.OpType.EndsWith("Normalization", StringComparison.Ordinal));
}
