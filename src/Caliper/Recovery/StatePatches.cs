using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>
/// What the recurrent weights of an LSTM, GRU or RNN multiply: its states, those that it is given and those that it gives, a group for each
/// direction. A stream is fed with what it gave.
/// </summary>
internal sealed class StatePatches : IPatchSource
{
    private const int GivenState = 5;

    private readonly Node _node;

    private StatePatches(Node node, int groups, int taps, string[] values) => (_node, Groups, Taps, Values) = (node, groups, taps, values);

    public string Key => $"{string.Join('|', Values)}|states";

    public int Groups { get; }

    public int Taps { get; }

    public int TapsPerChannel => 1;

    public IEnumerable<string> Values { get; }

    /// <summary>Of a recurrent node; null where its states are not to be seen.</summary>
    public static StatePatches? Of(Graph graph, Node node)
    {
        // There the reset gate multiplies the state before the weights do.
        if (node.OpType is "GRU" && node.Int("linear_before_reset", 0) == 0) return null;
        // All its states, or else the last ones.
        var given = node.Outputs[0].Length > 0 ? node.Outputs[0] : node.Outputs.ElementAtOrDefault(1) ?? "";
        var shape = graph.Constant(node.Inputs[2])!.Shape;
        string[] values = [.. new[] { node.Input(GivenState), given }.Where(v => v.Length > 0 && graph.Constant(v) is null)];
        return values.Length == 0 ? null : new(node, (int)shape[0].Length, (int)shape[2].Length, values);
    }

    public Patches Of(Func<string, Tensor> read)
    {
        var rows = Values.Select(v => RowsOf(v, read(v))).ToArray();
        if (rows.Any(r => r is null)) return default;
        float[] all = [.. rows.SelectMany(r => r!)];
        return new(Tensor.Vector(all), Taps, all.Length / Taps / Groups);
    }

    /// <summary>The states of one moment beside each other, direction after direction; null where they have no such form.</summary>
    private float[]? RowsOf(string value, Tensor states)
    {
        // Y is steps × directions × batch × size, or batch × steps × directions × size; a single state has no steps.
        var isSequence = value == _node.Outputs[0];
        var axis = (isSequence ? 1 : 0) + (int)_node.Int("layout", 0);
        var shape = states.Shape;
        if (states.Type is not ElementType.Float32 || shape.Rank != (isSequence ? 4 : 3)) return null;
        if (shape[axis].Length != Groups || shape[-1].Length != Taps) return null;
        var inner = (int)shape.Dimensions.Skip(axis + 1).SkipLast(1).Aggregate(1L, (product, d) => product * d.Length);
        var source = states.Span<float>();
        var rows = new float[states.Count];
        for (var row = 0; row * Taps < rows.Length; row++)
        {
            var (outer, direction, within) = (row / inner / Groups, row / inner % Groups, row % inner);
            source.Slice(row * Taps, Taps).CopyTo(rows.AsSpan(((outer * inner + within) * Groups + direction) * Taps));
        }
        return rows;
    }
}
