using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>A network in which products read copies of channels: <c>Add(Mul(Concat(x, Gather(x, copied)), parts), offsets)</c>. The offsets of a
/// channel's copies add up to 0, and their weights are the same, so that nothing has to be taken back.</summary>
internal sealed class SplitGraph(Graph graph)
{
    private readonly GraphRewrite _rewrite = new(graph);
    private readonly List<Value> _values = [];

    /// <summary>Splits channels of a value for some products.</summary>
    public void Split(string value, SplitChannels split, Node[] readers)
    {
        var shape = graph.Find(value)!.Shape!.Value;
        var last = shape.Rank - 1;
        var channels = (int)shape[last].Length;
        var copied = split.Copies.SelectMany(c => Enumerable.Repeat(c.Key, c.Value - 1)).ToArray();
        var (parts, offsets) = ColumnsOf(split, channels, copied);
        var name = value + Suffix;

        var which = Constant("copied", Array.ConvertAll(copied, c => (long)c));
        var more = Insert("Gather", "copies", shape.With(last, copied.Length), [value, which], last);
        var all = Insert("Concat", "columns", shape.With(last, parts.Length), [value, more], last);
        var scaled = Insert("Mul", "parts", shape.With(last, parts.Length), [all, Constant("parts.factors", parts)]);
        var read = Insert("Add", "offset", shape.With(last, parts.Length), [scaled, Constant("offsets", offsets)]);
        foreach (var reader in readers)
        {
            var whole = graph.Constant(reader.Inputs[1])!;
            var weights = WithCopies(whole, 1 - OutputAxis.Of(reader, whole.Shape), copied);
            var stored = _rewrite.ReplaceInitializer(reader.Inputs[1], weights, reader);
            _rewrite.Replace(reader, reader with { Inputs = reader.Inputs.SetItem(0, read).SetItem(1, stored) });
        }

        string Constant<T>(string what, T[] elements) where T : unmanaged => _rewrite.AddInitializer($"{name}.{what}", Tensor.Vector(elements));

        string Insert(string opType, string what, Shape result, string[] inputs, int? axis = null)
        {
            var output = _rewrite.FreeName($"{value}_{what}");
            var node = new Node($"{name}.{what}", opType, [.. inputs], [output]);
            _rewrite.InsertBefore(readers[0], axis is { } along ? node.With("axis", (long)along) : node);
            _values.Add(new Value(output, ElementType.Float32, result));
            return output;
        }
    }

    /// <summary>The network.</summary>
    public Graph Finish() => _rewrite.Finish(_values);

    /// <summary>What each column is multiplied by, and what is added to it.</summary>
    internal static (float[] Parts, float[] Offsets) ColumnsOf(SplitChannels split, int channels, int[] copied)
    {
        var (parts, offsets) = (new float[channels + copied.Length], new float[channels + copied.Length]);
        Array.Fill(parts, 1);
        var next = channels;
        foreach (var (channel, count) in split.Copies)
        {
            for (var copy = 0; copy < count; copy++)
            {
                var column = copy == 0 ? channel : next++;
                parts[column] = 1f / count;
                offsets[column] = (float)((copy - (count - 1) / 2.0) / count * split.Step);
            }
        }
        return (parts, offsets);
    }

    /// <summary>Weights whose last inputs are those of the channels that are copied.</summary>
    private static Tensor WithCopies(Tensor weights, int axis, int[] copied)
    {
        var (rows, columns) = ((int)weights.Shape[0].Length, (int)weights.Shape[1].Length);
        var source = weights.Span<float>();
        if (axis == 0)
        {
            var more = new float[(rows + copied.Length) * columns];
            source.CopyTo(more);
            for (var i = 0; i < copied.Length; i++) source.Slice(copied[i] * columns, columns).CopyTo(more.AsSpan((rows + i) * columns));
            return Tensor.Of(Shape.Of(rows + copied.Length, columns), more);
        }
        var wide = columns + copied.Length;
        var result = new float[rows * wide];
        for (var row = 0; row < rows; row++)
        {
            source.Slice(row * columns, columns).CopyTo(result.AsSpan(row * wide));
            for (var i = 0; i < copied.Length; i++) result[row * wide + columns + i] = source[row * columns + copied[i]];
        }
        return Tensor.Of(Shape.Of(rows, wide), result);
    }

    // After a value's name.
    private const string Suffix = ".split";
}
