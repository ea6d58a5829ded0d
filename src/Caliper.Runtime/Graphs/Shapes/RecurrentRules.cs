namespace Caliper.Graphs.Shapes;

/// <summary>Recurrent networks over (sequence, batch, features).</summary>
internal static class RecurrentRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All => RuleTable.For(Recurrent, "LSTM", "GRU", "RNN");

    private static void Recurrent(NodeInference node)
    {
        var directions = node.Node.Text("direction", "forward") == "bidirectional" ? 2 : 1;
        var isBatchFirst = node.Node.Int("layout", 0) != 0;
        var hidden = node.Node.Int("hidden_size", 0) is > 0 and var said ? said
            : node.Shape(2) is { Rank: 3 } recurrence ? recurrence[2]
            : Dimension.Unknown;
        if (node.Shape(0) is not { Rank: 3 } x)
        {
            for (var output = 0; output < 3; output++) node.Set(output, node.Type(0), null);
            return;
        }
        var (sequence, batch) = isBatchFirst ? (x[1], x[0]) : (x[0], x[1]);
        node.Set(0, node.Type(0), new Shape(isBatchFirst
            ? [batch, sequence, directions, hidden]
            : [sequence, directions, batch, hidden]));
        var last = new Shape(isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
        node.Set(1, node.Type(0), last);
        node.Set(2, node.Type(0), last);
    }
}
