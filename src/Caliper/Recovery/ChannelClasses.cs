using Caliper.Graphs;
using Caliper.Statistics;

namespace Caliper.Recovery;

/// <summary>
/// Which channels of which values must be divided by the same factor for the network to compute the same: what a Relu returns by that of
/// what it reads, each channel of a Concat by that of the piece it comes from. Channels that nothing can divide are in a class of their
/// own, <see cref="Fixed"/>.
/// </summary>
internal sealed class ChannelClasses
{
    /// <summary>The class of channels that stay as they are.</summary>
    public const int Fixed = 0;

    private readonly Graph _graph;
    private readonly List<int> _parent = [Fixed];
    private readonly Dictionary<string, int[]> _first = new(StringComparer.Ordinal);

    /// <summary>Every channel of every value in a class of its own.</summary>
    public ChannelClasses(Graph graph)
    {
        _graph = graph;
        foreach (var value in graph.Inputs.Select(i => i.Name).Concat(graph.Nodes.SelectMany(n => n.Outputs))) Members(value);
    }

    /// <summary>Number of classes there could be; classes are numbers below it.</summary>
    public int Count => _parent.Count;

    /// <summary>The axis along which a value's channels lie and their number; null where the value has none that are known.</summary>
    public (int Axis, int Channels)? AxisOf(string value) =>
        _graph.Constant(value) is null && _graph.Find(value) is { Type: ElementType.Float32, Shape: { } shape }
            && ChannelLayout.AxisOf(shape.Rank) is { } axis && shape[axis] is { IsKnown: true, Length: > 0 and <= int.MaxValue } channels
            ? (axis, (int)channels.Length) : null;

    /// <summary>The class of each channel of a value; empty where its channels are not told apart.</summary>
    public int[] Of(string value) => Array.ConvertAll(Members(value), Find);

    /// <summary>Divides a channel of one value by what a channel of another is divided by.</summary>
    public void Tie(string one, int channel, string other, int otherChannel)
    {
        var (a, b) = (Members(one), Members(other));
        Union(a.Length == 0 ? Fixed : a[channel], b.Length == 0 ? Fixed : b[otherChannel]);
    }

    /// <summary>Divides two values by the same, channel by channel; where they have not as many channels, neither.</summary>
    public void Tie(string one, string other)
    {
        var (a, b) = (Members(one), Members(other));
        if (a.Length != b.Length)
        {
            Fix(one);
            Fix(other);
            return;
        }
        for (var c = 0; c < a.Length; c++) Union(a[c], b[c]);
    }

    /// <summary>Leaves a value as it is.</summary>
    public void Fix(string value)
    {
        foreach (var member in Members(value)) Union(Fixed, member);
    }

    private int[] Members(string value)
    {
        if (_first.TryGetValue(value, out var members)) return members;
        members = new int[AxisOf(value)?.Channels ?? 0];
        for (var c = 0; c < members.Length; c++)
        {
            members[c] = _parent.Count;
            _parent.Add(_parent.Count);
        }
        return _first[value] = members;
    }

    private void Union(int a, int b)
    {
        (a, b) = (Find(a), Find(b));
        // The least number represents, so that the fixed class keeps its own.
        if (a < b) _parent[b] = a;
        else _parent[a] = b;
    }

    private int Find(int member)
    {
        while (_parent[member] != member) member = _parent[member] = _parent[_parent[member]];
        return member;
    }
}
