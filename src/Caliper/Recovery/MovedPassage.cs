using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>An operation that moves values from channels to channels: a Concat or Split along any axis, a Reshape that may turn the pixels of
/// a channel into channels.</summary>
internal sealed class MovedPassage : Passage
{
    private const int MostElements = 1 << 20;

    private readonly (string From, int FromChannel, string To, int ToChannel, double Share)[] _moves;

    private MovedPassage(Node node, (string, int, string, int, double)[] moves) : base(node) => _moves = moves;

    /// <summary>Reads a node; null where it is no such movement, or one whose channels are not known.</summary>
    public static MovedPassage? Of(Graph graph, ChannelClasses classes, Node node) => node.Domain.Length > 0 ? null : node.OpType switch
    {
        "Concat" => OfParts(graph, classes, node, [.. node.Inputs], node.Output, isJoin: true),
        "Split" => OfParts(graph, classes, node, [.. node.Outputs], node.Inputs[0], isJoin: false),
        "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" => OfReshape(graph, classes, node),
        _ => null,
    };

    public override void Bind(ChannelClasses classes)
    {
        foreach (var (from, a, to, b, _) in _moves) classes.Tie(from, a, to, b);
    }

    public override void CarryBack(NoiseWeights noise)
    {
        foreach (var (from, a, to, b, share) in _moves) noise.Add(from, c => c == a ? noise.Of(to)[b] * share : 0);
    }

    private static MovedPassage? OfParts(Graph graph, ChannelClasses classes, Node node, string[] parts, string whole, bool isJoin)
    {
        if (classes.AxisOf(whole) is not var (axis, channels) || graph.Find(whole)!.Shape!.Value.Rank is var rank && rank == 0) return null;
        if (parts.Any(p => p.Length == 0 || classes.AxisOf(p)?.Axis != axis)) return null;
        var along = node.Int("axis", 0);
        var isChannels = (along < 0 ? along + rank : along) == axis;
        var lengths = parts.Select(p => classes.AxisOf(p)!.Value.Channels).ToArray();
        if (isChannels ? lengths.Sum() != channels : lengths.Any(l => l != channels)) return null;
        var moves = new List<(string, int, string, int, double)>();
        for (int p = 0, first = 0; p < parts.Length; first += isChannels ? lengths[p] : 0, p++)
        {
            for (var c = 0; c < lengths[p]; c++)
                moves.Add(isJoin ? (parts[p], c, whole, first + c, Share(isChannels)) : (whole, first + c, parts[p], c, 1));
        }
        return new MovedPassage(node, [.. moves]);

        // Pieces along another axis each make a part of every channel.
        double Share(bool whole) => whole ? 1 : 1.0 / parts.Length;
    }

    private static MovedPassage? OfReshape(Graph graph, ChannelClasses classes, Node node)
    {
        var (from, to) = (node.Inputs[0], node.Output);
        if (LayoutOf(graph, classes, from) is not { } a || LayoutOf(graph, classes, to) is not { } b || a.Elements != b.Elements) return null;
        if (a.Elements > MostElements) return null;
        var counts = new Dictionary<(int, int), int>();
        for (var e = 0; e < a.Elements; e++)
        {
            var key = (e / a.Inner % a.Channels, e / b.Inner % b.Channels);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        var perOutput = (double)b.Elements / b.Channels;
        return new MovedPassage(node, [.. counts.Select(p => (from, p.Key.Item1, to, p.Key.Item2, p.Value / perOutput))]);
    }

    /// <summary>How the elements of one sample lie: those of the first axis do not mix where all other axes hold as many.</summary>
    private static (int Channels, int Inner, int Elements)? LayoutOf(Graph graph, ChannelClasses classes, string value)
    {
        if (classes.AxisOf(value) is not var (axis, channels)) return null;
        var dimensions = graph.Find(value)!.Shape!.Value.Dimensions;
        if (dimensions.Skip(1).Any(d => !d.IsKnown)) return null;
        var elements = dimensions.Skip(1).Aggregate(1L, (all, d) => all * d.Length);
        var inner = dimensions.Skip(axis + 1).Aggregate(1L, (all, d) => all * d.Length);
        return elements is > 0 and <= MostElements ? (channels, (int)inner, (int)elements) : null;
    }
}
