using System.Diagnostics;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tool.Commands;

/// <summary>How long one forward pass takes: the median over repeated runs on one sample, the first ones left out.</summary>
internal static class Latency
{
    private const int WarmupRuns = 5;
    private const int MostRuns = 200;
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(200);

    /// <summary>The median in milliseconds. A model of a fixed batch size is fed that many samples.</summary>
    /// <param name="model">What to run.</param>
    /// <param name="batch">Where the samples are taken from.</param>
    /// <param name="cancellationToken">Ends the measurement early.</param>
    public static double MedianMilliseconds(IModel model, Batch batch, CancellationToken cancellationToken)
    {
        var input = FirstSamples(model, batch);
        for (var run = 0; run < WarmupRuns; run++) model.Run(input, cancellationToken);
        var times = new List<double>(MostRuns);
        var started = Stopwatch.GetTimestamp();
        do
        {
            var before = Stopwatch.GetTimestamp();
            model.Run(input, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
        while (times.Count < MostRuns && Stopwatch.GetElapsedTime(started) < Enough);
        times.Sort();
        return times[times.Count / 2];
    }

    private static Dictionary<string, Tensor> FirstSamples(IModel model, Batch batch)
    {
        var count = model.Inputs.Where(i => i.Shape is { Rank: > 0 } shape && shape[0].IsKnown)
            .Select(i => (int)i.Shape!.Value[0].Length).DefaultIfEmpty(1).First();
        return batch.Inputs.ToDictionary(i => i.Key, i => First(i.Value, batch.Count, Math.Min(count, batch.Count)), StringComparer.Ordinal);
    }

    private static Tensor First(Tensor tensor, int samples, int count) => new(
        tensor.Type, tensor.Shape.With(0, count), tensor.Bytes[..(tensor.Bytes.Length / samples * count)]);
}
