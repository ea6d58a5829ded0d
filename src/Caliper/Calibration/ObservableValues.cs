using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>The tensors of a network that could become int8 under some qconfig: what is fed, and what each layer returns.</summary>
internal static class ObservableValues
{
    /// <summary>Names and channel axes, without repetition.</summary>
    public static ImmutableArray<(string Name, int? ChannelAxis)> Of(FusedModel model)
    {
        var graph = model.Model.Graph;
        var read = model.Layers.SelectMany(l => l.Nodes).SelectMany(n => n.Reads()).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Inputs.Where(i => i.Type == ElementType.Float32).Select(i => i.Name);
        var outputs = model.Layers.SelectMany(l => l.Outputs).Where(o => read.Contains(o) || graph.IsOutput(o))
            .Where(o => graph.Find(o) is not { Type: not (ElementType.Float32 or ElementType.Undefined) });
        return [.. inputs.Concat(outputs).Distinct().Select(v => (v, AxisOf(graph.Find(v)?.Shape)))];
    }

    /// <summary>Where the number of channels is not known beforehand, it could differ from sample to sample, and they are not told
    /// apart.</summary>
    private static int? AxisOf(Shape? shape) =>
        shape is { } known && ChannelLayout.AxisOf(known.Rank) is { } axis && known[axis].IsKnown && known[axis].Length > 0 ? axis : null;
}
