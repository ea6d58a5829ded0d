using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>
/// What a unit of noise on every element of one channel of a value comes to at the outputs of the network, as a share of their power, if
/// errors are independent: the squared gains along all ways, summed. It is carried from the outputs backwards.
/// </summary>
/// <param name="graph">The network.</param>
/// <param name="classes">Where channels lie.</param>
/// <param name="facts">What its values are like.</param>
/// <param name="only">The output that counts; null for all.</param>
internal sealed class NoiseWeights(Graph graph, ChannelClasses classes, ChannelFacts facts, string? only = null)
{
    private readonly Dictionary<string, double[]> _weights = new(StringComparer.Ordinal);

    public ChannelFacts Facts => facts;

    public Graph Graph => graph;

    /// <summary>The weight of each channel; one for all where a value's channels are not told apart.</summary>
    public double[] Of(string value)
    {
        if (_weights.TryGetValue(value, out var weights)) return weights;
        weights = new double[classes.AxisOf(value)?.Channels ?? 1];
        if (graph.IsOutput(value) && (only is null || value == only))
        {
            var power = facts.PowersOf(value, weights.Length).Sum();
            if (power > 0) Array.Fill(weights, 1 / power);
        }
        return _weights[value] = weights;
    }

    /// <summary>Adds to the weights of a value that is computed; constants have none.</summary>
    public void Add(string value, Func<int, double> weight)
    {
        if (value.Length == 0 || graph.Constant(value) is not null) return;
        var weights = Of(value);
        for (var c = 0; c < weights.Length; c++) weights[c] += weight(c);
    }

    /// <summary>Adds the weights of an output, each times a gain, to an input; where their channels are not as many, spreads their sum.</summary>
    public void Pass(string input, string output, Func<int, double> gain)
    {
        var (from, to) = (Of(output), Of(input));
        if (from.Length == to.Length) Add(input, c => from[c] * gain(c));
        else
        {
            var all = from.Select((w, c) => w * gain(c)).Sum();
            Add(input, _ => to.Length == 1 ? all : all / to.Length);
        }
    }

    /// <summary>For a function of which nothing more is known: relative errors stay what they are.</summary>
    public void PassRelative(Node node)
    {
        foreach (var output in node.Outputs.Where(o => o.Length > 0))
        {
            var weights = Of(output);
            var powers = facts.PowersOf(output, weights.Length);
            var all = weights.Zip(powers, (w, p) => w * p).Sum();
            foreach (var input in node.Reads().Distinct().Where(i => graph.Find(i) is not { Type: not ElementType.Float32 }))
            {
                var power = facts.PowersOf(input, Of(input).Length).Sum();
                if (power > 0) Add(input, _ => all / power);
            }
        }
    }
}
