using Caliper.Fusion;
using Caliper.Operators;
using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Output channels of convolutions and linear layers that had one value, mostly 0, throughout. Trained networks have a few;
/// where half a layer is dead, data or weights are wrong. Which of the two, statistics cannot tell.
/// </summary>
internal static class DeadChannels
{
    /// <summary>With fewer values a channel can be 0 by chance.</summary>
    public const int MinValues = 256;

    public static IEnumerable<Diagnostic> Check(FusedModel fused, CalibrationStatistics statistics)
    {
        var layers = fused.Layers.Where(l => l.Role == OperatorRole.Linear)
            .Where(l => statistics.Tensors.GetValueOrDefault(l.Output) is { ChannelAxis: not null })
            .Select(l => new DeadLayer(l, statistics.Tensors[l.Output].All)).Where(l => l.Dead.Length > 0).ToArray();
        if (Describe([.. layers.Where(l => l.IsHalfDead)],
            "Check the preprocessing and the weights: a trained network does not leave half a layer idle.") is { } most)
            yield return most;
        if (Describe([.. layers.Where(l => !l.IsHalfDead)],
            "A few are usual; if you know data that wakes them, add it, else they can be pruned.") is { } some)
            yield return some;
    }

    private static Diagnostic? Describe(DeadLayer[] layers, string advice) => layers.Length == 0 ? null : new Diagnostic(
        "dead-channels", layers[0].Layer.Name, layers.Length == 1
            ? $"{layers[0].Dead.Length} of {Wording.Count(layers[0].Channels, "channel")} {layers[0].What}."
            : $"{Wording.Count(layers.Sum(l => l.Dead.Length))} of {Wording.Count(layers.Sum(l => l.Channels))} channels in {layers.Length} layers "
            + $"never changed: {Wording.List([.. layers.Select(l => l.ToString())], 4)}.",
        advice);

    private sealed class DeadLayer(Layer layer, TensorStatistics output)
    {
        public Layer Layer { get; } = layer;

        public int Channels { get; } = output.Channels.Length;

        public int[] Dead { get; } = [.. output.Channels.Index()
            .Where(c => c.Item.Count >= MinValues && c.Item.Min == c.Item.Max).Select(c => c.Index)];

        public bool IsHalfDead => Dead.Length * 2 >= Channels;

        public string What
        {
            get
            {
                var were = Dead.Length == 1 ? "was" : "were";
                var how = Dead.All(c => output.Channels[c].Max == 0) ? $"{were} always 0" : $"{were} constant";
                return $"{how} over {Wording.Count(output.Samples, "sample")}: {Numbers}";
            }
        }

        private string Numbers => Wording.List([.. Dead.Select(c => Wording.Count(c))], 6);

        public override string ToString() => $"{Layer.Name} ({Dead.Length} of {Channels}: {Numbers})";
    }
}
