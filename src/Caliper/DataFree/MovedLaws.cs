using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Statistics;

namespace Caliper.DataFree;

/// <summary>The laws of what moves values or chooses among them: pools, concatenations, slices, other shapes.</summary>
internal static class MovedLaws
{
    /// <summary>The law of an output; null where the node is no such operation.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">The operation.</param>
    /// <param name="output">Which of its outputs.</param>
    /// <param name="lawOf">The laws of what it reads.</param>
    public static ChannelLaw? Of(Graph graph, Node node, int output, Func<string, ChannelLaw?> lawOf)
    {
        if (node.Domain.Length > 0 || lawOf(node.Input(0)) is not { } law) return null;
        var (from, to) = (PlaceOf(graph, node.Inputs[0]), PlaceOf(graph, node.Outputs[output]));
        if (from is not { } read || to is not { } made || read.Channels != law.Channels) return null;
        switch (OperatorCatalogue.KindOf(node))
        {
            // What is pooled is taken to be alike: the range is then never too narrow.
            case "MaxPool" or "AveragePool" or "GlobalAveragePool" or "LpPool" or "Resize":
                return read.Channels == made.Channels ? law.Redrawn() : null;
            case "ReduceMean" or "ReduceMax":
                return read.Channels == made.Channels && made.Axis == read.Axis ? law.Redrawn() : law.Mixed(made.Channels);
            case "Pad": return Padded(graph, node, read, made, law);
            case "Concat": return Joined(graph, node, made, lawOf);
            case "Split" or "Slice" or "Gather": return Chosen(graph, node, output, read, made, law);
            case "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze": return Reshaped(read, made, law);
            case "Transpose":
                var isKept = node.Ints("perm") is { } permutation && read.Rank == made.Rank && permutation[made.Axis] == read.Axis;
                return isKept ? law.Redrawn() : law.Mixed(made.Channels);
            default: return OperatorCatalogue.Find(node) is { Reorders: true } ? law.Mixed(made.Channels) : null;
        }
    }

    /// <summary>Channels that are added are all of one number; at the borders of maps it is left out of account.</summary>
    private static ChannelLaw? Padded(Graph graph, Node node, (int Rank, int Axis, int Channels) read, (int Rank, int Axis, int Channels) made,
        ChannelLaw law)
    {
        if (read.Channels == made.Channels) return law.Redrawn();
        if (node.Text("mode", "constant") != "constant" || node.Input(3).Length > 0) return null;
        if (graph.Constant(node.Input(1)) is not { Type: ElementType.Int64 } pads || pads.Count != 2 * read.Rank) return null;
        var fill = node.Input(2).Length == 0 ? 0
            : graph.Constant(node.Input(2)) is { Type: ElementType.Float32 } value ? value.Span<float>()[0] : float.NaN;
        var before = (int)pads.Span<long>()[read.Axis];
        return float.IsNaN(fill) ? null : new ChannelLaw(made.Channels,
            (c, z) => c < before || c >= before + read.Channels ? fill : law.At(c - before, z))
        {
            Supposed = law.Supposed,
        };
    }

    private static ChannelLaw? Joined(Graph graph, Node node, (int Rank, int Axis, int Channels) made, Func<string, ChannelLaw?> lawOf)
    {
        if (node.Inputs.Any(i => lawOf(i) is null)) return null;
        ChannelLaw[] parts = [.. node.Inputs.Select(i => lawOf(i)!)];
        var along = node.Int("axis", 0);
        var isChannels = (along < 0 ? along + made.Rank : along) == made.Axis;
        var supposed = parts.Max(p => p.Supposed);
        if (!isChannels)
        {
            // Each channel has values of all parts.
            if (parts.Any(p => p.Channels != made.Channels)) return null;
            return parts.Length == 1 ? parts[0] : new ChannelLaw(made.Channels, Mixture(parts)) { Supposed = supposed };
        }
        (ChannelLaw Law, int Channel)[] channels = [.. parts.SelectMany(p => Enumerable.Range(0, p.Channels).Select(c => (p, c)))];
        return channels.Length != made.Channels ? null
            : new ChannelLaw(channels.Length, (c, z) => channels[c].Law.At(channels[c].Channel, z)) { Supposed = supposed };
    }

    private static Func<int, double, double> Mixture(ChannelLaw[] parts)
    {
        ChannelLaw[] mixed = [.. Enumerable.Range(0, parts[0].Channels)
            .Select(c => new ChannelLaw(parts.Length, (p, z) => parts[p].At(c, z)).Mixed(1))];
        return (c, z) => mixed[c].At(0, z);
    }

    private static ChannelLaw? Chosen(Graph graph, Node node, int output, (int Rank, int Axis, int Channels) read,
        (int Rank, int Axis, int Channels) made, ChannelLaw law)
    {
        if (read.Rank != made.Rank) return law.Mixed(made.Channels);
        if (read.Channels == made.Channels) return law.Redrawn();
        var first = node.OpType switch
        {
            "Split" => node.Outputs.Take(output).Sum(o => PlaceOf(graph, o)?.Channels ?? read.Channels),
            "Slice" when graph.Constant(node.Input(1)) is { Type: ElementType.Int64, Count: 1 } start && (node.Input(4).Length == 0
                || graph.Constant(node.Input(4)) is { Type: ElementType.Int64 } step && step.Span<long>()[0] == 1) => StartOf(start, read.Channels),
            _ => read.Channels,
        };
        return first >= 0 && first + made.Channels <= read.Channels ? law.Pick([.. Enumerable.Range(first, made.Channels)])
            : law.Mixed(made.Channels);
    }

    private static int StartOf(Tensor start, int channels) => start.Span<long>()[0] is var at && at < 0 ? (int)Math.Max(0, at + channels)
        : (int)Math.Min(at, channels);

    /// <summary>Channels that stay, or become several neighbours each, are told apart afterwards.</summary>
    private static ChannelLaw Reshaped((int Rank, int Axis, int Channels) read, (int Rank, int Axis, int Channels) made, ChannelLaw law)
    {
        if (read.Axis != 1 || made.Axis != 1 || made.Channels % read.Channels != 0) return law.Mixed(made.Channels);
        var each = made.Channels / read.Channels;
        return each == 1 ? law.Redrawn() : law.Pick([.. Enumerable.Range(0, made.Channels).Select(c => c / each)]);
    }

    /// <summary>Where the channels of a value lie: its number of axes, which of them is the channels', and how many there are.</summary>
    public static (int Rank, int Axis, int Channels)? PlaceOf(Graph graph, string value) =>
        graph.Find(value) is { Shape: { } shape } && ChannelLayout.AxisOf(shape.Rank) is { } axis
            && shape[axis] is { IsKnown: true, Length: > 0 } channels
            ? (shape.Rank, axis, (int)channels.Length) : null;
}
