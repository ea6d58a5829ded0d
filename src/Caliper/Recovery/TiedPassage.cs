using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Recovery;

/// <summary>
/// An operation that commutes with a positive factor of each channel, channel by channel: Relu, LeakyRelu, PRelu, pools, means over space,
/// sums, padding with zeros, and whatever moves values without mixing channels.
/// </summary>
internal sealed class TiedPassage : Passage
{
    private readonly string[] _data;

    private TiedPassage(Node node, string[] data) : base(node) => _data = data;

    /// <summary>Reads a node; null where it is none of them.</summary>
    public static TiedPassage? Of(Graph graph, ChannelClasses classes, Node node)
    {
        if (node.Domain.Length > 0 || node.Outputs.Skip(1).Any(o => o.Length > 0)) return null;
        string[] data = node.OpType == "Add" ? [.. node.Inputs] : [.. node.Inputs.Take(1)];
        if (classes.AxisOf(node.Output) is not { } place || data.Any(d => classes.AxisOf(d) != place)) return null;
        return Commutes(graph, node, place.Axis) ? new TiedPassage(node, data) : null;
    }

    public override void Bind(ChannelClasses classes)
    {
        foreach (var value in _data) classes.Tie(value, Node.Output);
    }

    public override void CarryBack(NoiseWeights noise)
    {
        foreach (var value in _data) noise.Pass(value, Node.Output, GainOf(noise, value));
    }

    private static bool Commutes(Graph graph, Node node, int axis) => OperatorCatalogue.KindOf(node) switch
    {
        "Relu" or "LeakyRelu" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "Identity" or "Dropout" or "Add" => true,
        "PRelu" => graph.Constant(node.Input(1)) is not null,
        "Clip" => Fusion.ActivationRange.Of(graph, node) is { Max: float.PositiveInfinity, Min: 0 },
        "Pad" => PadsWithZero(graph, node),
        "Resize" => node.Text("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize",
        "Slice" => Axes(graph, node, 3) is { } sliced && !sliced.Contains(axis),
        "ReduceMean" or "ReduceMax" or "ReduceSum" =>
            node.Int("keepdims", 1) != 0 && (Axes(graph, node, 1) ?? node.Ints("axes")?.ToArray()) is { Length: > 0 } reduced
                && graph.Find(node.Inputs[0])!.Shape!.Value.Rank is var rank && !reduced.Any(a => (a < 0 ? a + rank : a) == axis),
        _ => false,
    };

    private static bool PadsWithZero(Graph graph, Node node) => node.Text("mode", "constant") != "constant"
        || node.Input(2).Length == 0 || graph.Constant(node.Input(2)) is { Type: ElementType.Float32, Count: 1 } fill && fill.Span<float>()[0] == 0;

    private static long[]? Axes(Graph graph, Node node, int input) =>
        graph.Constant(node.Input(input)) is { Type: ElementType.Int64 } axes ? axes.Span<long>().ToArray() : null;

    private Func<int, double> GainOf(NoiseWeights noise, string value)
    {
        switch (Node.OpType)
        {
            case "Relu" or "Clip":
                // What is 0 came from below, and no error passes there.
                return noise.Facts.Of(Node.Output) is { } cut ? c => 1 - (double)cut[c].Zeros / Math.Max(1, cut[c].Count) : _ => 0.5;
            case "LeakyRelu":
                return Bent(noise, value, _ => Node.Float("alpha", 0.01f));
            case "PRelu":
                var slopes = noise.Graph.Constant(Node.Inputs[1])!.Span<float>().ToArray();
                var channels = noise.Of(value).Length;
                return Bent(noise, value, c => slopes.Length == channels ? slopes[c] : slopes[0]);
            case "AveragePool":
                var window = (Node.Ints("kernel_shape") ?? []).Aggregate(1.0, (product, length) => product * length);
                return _ => 1 / window;
            case "GlobalAveragePool" or "ReduceMean":
                var positions = noise.Facts.PositionsOf(value) / noise.Facts.PositionsOf(Node.Output);
                return _ => 1 / Math.Max(1, positions);
            default:
                return _ => 1;
        }
    }

    private static Func<int, double> Bent(NoiseWeights noise, string value, Func<int, double> slope)
    {
        var known = noise.Facts.Of(value);
        return c =>
        {
            var above = known is null ? 0.5 : ShareAboveZero(known[c].Mean, known[c].Variance);
            return above + (1 - above) * slope(c) * slope(c);
        };
    }

    /// <summary>Of values whose mean and variance alone are known, as of a logistic distribution.</summary>
    private static double ShareAboveZero(double mean, double variance) =>
        1 / (1 + Math.Exp(-Math.Clamp(1.8 * mean / Math.Sqrt(Math.Max(variance, 1e-30)), -30, 30)));
}
