using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Planning;

/// <summary>A Pad of zeros before a convolution or an AveragePool becomes padding of its own, also with a quantization between them: what stands
/// for 0 is what a convolution pads with, and an average counts. So a whole pass over the image is saved.</summary>
internal static class PadFolding
{
    /// <summary>The graph with such Pads gone; its shapes must be known.</summary>
    public static Graph Fold(Graph graph)
    {
        var nodes = new Dictionary<Node, Node?>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes) nodes[node] = node;
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var pad in graph.Nodes.Where(n => n.Is("Pad")))
        {
            if (graph.Find(pad.Inputs[0]) is not { Shape: { IsStatic: true } shape } input) continue;
            if (Amounts(graph, pad, shape.Rank) is not { } amounts || ChainOf(graph, pad) is not var (between, reader)) continue;
            if (!AddsZeros(graph, pad, input.Type, between) || Padded(reader, amounts) is not { } padded) continue;
            nodes[pad] = null;
            nodes[reader] = padded;
            var first = between.FirstOrDefault() ?? reader;
            nodes[first] = nodes[first]! with { Inputs = nodes[first]!.Inputs.SetItem(0, pad.Inputs[0]) };
            foreach (var node in between) shapes[node.Output] = shape;
        }
        return shapes.Count == 0 && nodes.Values.All(n => n is not null) ? graph : graph.With(
            nodes: graph.Nodes.Select(n => nodes[n]).OfType<Node>(),
            intermediates: graph.Intermediates.Select(v => shapes.TryGetValue(v.Name, out var shape) ? v with { Shape = shape } : v));
    }

    /// <summary>The convolution or AveragePool after a Pad, and the quantization and dequantization on the way; null where anybody else reads
    /// along.</summary>
    private static (ImmutableArray<Node> Between, Node Reader)? ChainOf(Graph graph, Node pad)
    {
        var between = ImmutableArray<Node>.Empty;
        for (var value = pad.Output; graph.HasSingleConsumer(value); value = between[^1].Output)
        {
            var reader = graph.ConsumersOf(value)[0];
            if (reader.Input(0) != value) return null;
            if (OperatorCatalogue.ProductOf(reader) is ProductKind.Convolution || reader.Is("AveragePool")) return (between, reader);
            if (reader.OpType is not ("QuantizeLinear" or "DequantizeLinear") || between.Length == 2) return null;
            between = between.Add(reader);
        }
        return null;
    }

    private static bool AddsZeros(Graph graph, Node pad, ElementType type, ImmutableArray<Node> between)
    {
        var fill = pad.Input(2).Length == 0 ? null : graph.Constant(pad.Inputs[2]);
        if (pad.Input(2).Length > 0 && fill is null) return false;
        if (type is ElementType.Float32)
        {
            if (fill is not null && (fill.Type is not ElementType.Float32 || fill.Count != 1 || fill.Span<float>()[0] != 0)) return false;
            return between is [] || between is [{ OpType: "QuantizeLinear" } to, { OpType: "DequantizeLinear" } back] && HaveOneZero(graph, to, back);
        }
        if (between is not [{ OpType: "DequantizeLinear" } only] || only.Input(2).Length > 0 && graph.Constant(only.Inputs[2]) is not { Count: 1 })
            return false;
        var zero = only.Input(2).Length > 0 ? graph.Constant(only.Inputs[2]) : null;
        if (fill is not null && zero is not null) return fill.Bytes.Span.SequenceEqual(zero.Bytes.Span);
        return (fill ?? zero) is not { Bytes: var bytes } || bytes.Span.IndexOfAnyExcept((byte)0) < 0;
    }

    private static bool HaveOneZero(Graph graph, Node to, Node back) => to.Input(2) == back.Input(2)
        || graph.Constant(to.Input(2)) is { } a && graph.Constant(back.Input(2)) is { } b && a.Type == b.Type
            && a.Bytes.Span.SequenceEqual(b.Bytes.Span);

    /// <summary>What a Pad adds before and after each spatial axis; null where it does anything else.</summary>
    private static (ImmutableArray<long> Before, ImmutableArray<long> After)? Amounts(Graph graph, Node pad, int rank)
    {
        if (pad.Text("mode", "constant") is not "constant" || pad.Input(1).Length == 0 || rank is not (3 or 4)) return null;
        if (graph.Constant(pad.Inputs[1]) is not { Type: ElementType.Int64 } pads) return null;
        ImmutableArray<long>? axes = null;
        if (pad.Input(3).Length > 0)
        {
            if (graph.Constant(pad.Inputs[3]) is not { Type: ElementType.Int64 } given) return null;
            axes = [.. given.Span<long>()];
        }
        var (before, after) = Padding.Of(pad, rank, [.. pads.Span<long>()], axes);
        var others = before.Take(2).Concat(after.Take(2));
        return others.Any(n => n != 0) || before.Concat(after).Any(n => n is < 0 or > short.MaxValue) ? null : (before[2..], after[2..]);
    }

    private static Node? Padded(Node reader, (ImmutableArray<long> Before, ImmutableArray<long> After) amounts)
    {
        var axes = amounts.Before.Length;
        if (reader.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID" or "")) return null;
        var own = reader.Text("auto_pad", "NOTSET") == "VALID" ? null : reader.Ints("pads");
        if (own is { } given && given.Length != 2 * axes) return null;
        long[] pads = [.. amounts.Before, .. amounts.After];
        var padded = reader.Without("auto_pad").With("pads", [.. pads.Select((n, i) => n + (own is { } known ? known[i] : 0))]);
        if (!reader.Is("AveragePool")) return padded;
        // What it pads itself it may leave out of the count; what is padded before it counts.
        var leavesOut = own?.Any(n => n != 0) is true && reader.Int("count_include_pad", 0) == 0;
        return leavesOut || reader.Int("ceil_mode", 0) != 0 ? null : padded.With("count_include_pad", 1);
    }
}
