using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Hosting;

/// <summary>Whether a network computes each sample of a batch as it would alone. Some do not: they fix the batch, mix samples, or take a range over
/// all of them.</summary>
internal static class BatchProbe
{
    /// <summary>Whether nothing in the file rules it out.</summary>
    public static bool IsWorthTrying(Graph graph) => !graph.Nodes.Any(n => n.Is("DynamicQuantizeLinear"))
        && graph.Inputs.Where(i => graph.Constant(i.Name) is null).All(i => i.Shape is { Rank: > 0 } shape && !shape[0].IsKnown);

    /// <summary>Whether a batch of different samples gives the bits that each has alone.</summary>
    public static bool IsOfSamples(Int8Session one, Int8Session many, int count)
    {
        if (!Grows(one.Inputs, many.Inputs, count) || !Grows(one.Outputs, many.Outputs, count)) return false;
        var alone = Enumerable.Range(0, count).Select(i => one.Run(Sample(one.Inputs, i))).ToArray();
        var samples = Enumerable.Range(0, count).Select(i => Sample(one.Inputs, i)).ToArray();
        var together = many.Run(many.Inputs.ToDictionary(i => i.Name,
            i => new Tensor(i.Type, i.Shape!.Value, samples.SelectMany(s => s[i.Name].Bytes.ToArray()).ToArray()), StringComparer.Ordinal));
        return many.Outputs.All(o => together[o.Name].Bytes.Span.SequenceEqual(alone.SelectMany(a => a[o.Name].Bytes.ToArray()).ToArray()));
    }

    private static bool Grows(ImmutableArray<Value> one, ImmutableArray<Value> many, int count) => one.Zip(many).All(p =>
        p.First.Shape is { Rank: > 0, IsStatic: true } a && p.Second.Shape is { IsStatic: true } b && a.Rank == b.Rank
        && a[0].Length == 1 && b[0].Length == count && a.Dimensions.Skip(1).SequenceEqual(b.Dimensions.Skip(1)));

    /// <summary>Values that differ from sample to sample in their size, too; whole numbers are small, for they may choose rows.</summary>
    private static Dictionary<string, Tensor> Sample(ImmutableArray<Value> inputs, int index) => inputs.ToDictionary(i => i.Name, i =>
    {
        var shape = i.Shape!.Value;
        var (random, count) = (new Random(index), (int)shape.ElementCount);
        return i.Type switch
        {
            ElementType.Float32 => Tensor.Of(shape, Fill(count, () => (float)((index + 1) * (random.NextDouble() - 0.5)))),
            ElementType.Int64 => Tensor.Of(shape, Fill(count, () => (long)random.Next(2))),
            ElementType.Int32 => Tensor.Of(shape, Fill(count, () => random.Next(2))),
            _ => new Tensor(i.Type, shape, Fill(count, () => (byte)random.Next(2))),
        };
    }, StringComparer.Ordinal);

    private static T[] Fill<T>(int count, Func<T> next)
    {
        var values = new T[count];
        for (var i = 0; i < count; i++) values[i] = next();
        return values;
    }
}
