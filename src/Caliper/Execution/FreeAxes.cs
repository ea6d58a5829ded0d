using System.Collections.Immutable;
using Caliper.Engine.Stages;
using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Lengths to try where only a run knows how long an input's axes are.</summary>
internal static class FreeAxes
{
    // What networks of pixels, sequences and frames take: most want a multiple of what they halve.
    private static readonly int[] Lengths = [64, 224, 320, 16, 128, 8, 1];

    // And of samples of sound, whose first window alone has hundreds: as many as are a tenth of a second, and a second.
    private static readonly int[] LengthsOfSound = [1_600, 16_000];

    /// <summary>Whether only a run shows what the network computes: how long its axes are, or which branch it takes.</summary>
    public static bool ShowsAtRun(Graph graph) => WithFreeAxes(graph).Length > 0 || graph.Nodes.Any(Stage.IsJunction);

    /// <summary>Shapes of the inputs that have free axes besides the batch, one set after the other; an empty set where none has.</summary>
    public static IEnumerable<ImmutableDictionary<string, Shape>> Trials(Graph graph)
    {
        var free = WithFreeAxes(graph);
        if (free.Length == 0) return [ImmutableDictionary<string, Shape>.Empty];
        var isLine = free.All(i => i.Shape!.Value.Dimensions.Skip(1).Count(d => !d.IsKnown) == 1);
        return Lengths.Concat(isLine ? LengthsOfSound : [])
            .Select(length => free.ToImmutableDictionary(i => i.Name, i => Fixed(i.Shape!.Value, length)));
    }

    private static Value[] WithFreeAxes(Graph graph) =>
        [.. graph.Inputs.Where(i => i.Shape is { } shape && shape.Dimensions.Skip(1).Any(d => !d.IsKnown))];

    private static Shape Fixed(Shape shape, int length) =>
        Shape.Of([.. shape.Dimensions.Select((d, axis) => d.IsKnown ? d.Length : axis == 0 ? 1 : length)]);
}
