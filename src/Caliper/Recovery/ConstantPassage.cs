using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>An operation with one number a channel: a factor takes any change of scale, a term and a bound change with the value.</summary>
/// <param name="node">Mul, Div, Add, Sub, Max or Min.</param>
/// <param name="input">Which of its two inputs is computed.</param>
/// <param name="values">The constant's number for each channel.</param>
/// <param name="place">Number of axes of the value, and the axis of its channels.</param>
/// <param name="takes">Whether the constant may change: where it is float.</param>
internal sealed class ConstantPassage(Node node, int input, float[] values, (int Rank, int Axis) place, bool takes) : Passage(node)
{
    private bool IsFactor => Node.OpType is "Mul" or "Div";

    private string Value => Node.Inputs[input];

    /// <summary>Whether it gives any factors of its output whatever those of its input are.</summary>
    public bool IsFree => IsFactor && takes;

    public static ConstantPassage? Of(Graph graph, ChannelClasses classes, Node node, bool isFloat)
    {
        if (!(node.Is("Mul") || node.Is("Div") || node.Is("Add") || node.Is("Sub") || node.Is("Max") || node.Is("Min"))) return null;
        if (node.Inputs.Length != 2) return null;
        var input = graph.Constant(node.Inputs[0]) is null ? 0 : 1;
        if (input == 1 && node.Is("Div")) return null;
        if (classes.AxisOf(node.Inputs[input]) is not var (axis, channels) || classes.AxisOf(node.Output) != (axis, channels)) return null;
        var rank = graph.Find(node.Inputs[input])!.Shape!.Value.Rank;
        if (graph.Find(node.Output)!.Shape!.Value.Rank != rank) return null;
        if (ChannelConstant.Of(graph.Constant(node.Inputs[1 - input]), rank, axis, channels) is not { } values) return null;
        var isFactor = node.OpType is "Mul" or "Div";
        return isFloat || isFactor ? new ConstantPassage(node, input, values, (rank, axis), isFloat) : null;
    }

    public override void Bind(ChannelClasses classes)
    {
        if (!IsFree) classes.Tie(Value, Node.Output);
    }

    public override void CarryBack(NoiseWeights noise) => noise.Pass(Value, Node.Output, c => Node.OpType switch
    {
        "Mul" => (double)values[c] * values[c],
        "Div" => 1 / Math.Max((double)values[c] * values[c], 1e-30),
        _ => 1,
    });

    public override void Rewrite(ScaledGraph target)
    {
        var (taken, given) = (target.FactorsOf(Value), target.FactorsOf(Node.Output));
        if (!takes || (taken is null && given is null)) return;
        float[] changed = [.. values.Select((v, c) => Changed(v, taken?[c] ?? 1, given?[c] ?? 1))];
        if (!changed.AsSpan().SequenceEqual(values)) target.Replace(Node, 1 - input, ChannelConstant.ToTensor(changed, place.Rank, place.Axis));
    }

    private float Changed(float value, float taken, float given) => Node.OpType switch
    {
        "Mul" => value * (taken / given),
        "Div" => value * (given / taken),
        _ => value / given,
    };
}
