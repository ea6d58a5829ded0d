using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>How much each rounding changes the tensor that it rounds, as a share of it: one pass of a sample tells it of all. What neighbours cost at
/// the network's outputs differs about as much as that does.</summary>
internal static class LocalNoise
{
    private const int Block = 4096;

    /// <summary>Of each site, in the order of <see cref="SwitchedNetwork.Sites"/>, and then of each weight.</summary>
    /// <param name="prepared">The network.</param>
    /// <param name="matched">What is int8 in it.</param>
    /// <param name="network">The same, so that each rounding can be switched; its samples are run.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static ImmutableArray<double> Of(
        PreparedModel prepared, Correspondence matched, SwitchedNetwork network, CancellationToken cancellationToken)
    {
        var (tensors, graph) = (matched.Tensors, prepared.Fused.Model.Graph);
        var sums = new double[tensors.Length];
        using var observed = new ObservedNetwork(prepared.Fused.Model, tensors.Select(t => t.Value).Distinct(), prepared.Fused.Execution);
        foreach (var sample in network.Samples)
        {
            observed.Run(sample.Inputs, null, null, pass => Threads.Each(tensors.Length, prepared.Fused.Execution.Threads, i =>
            {
                if (pass[tensors[i].Value] is { Type: ElementType.Float32 } floats) sums[i] += ShareOf(floats.Span<float>(), tensors[i].Parameters);
            }), apart: false, cancellationToken);
        }
        return
        [
            .. network.Sites.Select(s => s.Places.Sum(p => sums[p]) / network.Samples.Length),
            .. matched.Weights.Select(w => ShareOf(graph.Constant(w.Initializer)!, Quantizer.Dequantize(w.Integers, w.Parameters))),
        ];
    }

    private static double ShareOf(ReadOnlySpan<float> floats, QuantizationParameters parameters)
    {
        Span<float> rounded = stackalloc float[Block];
        var (noise, signal) = (0.0, 0.0);
        for (var start = 0; start < floats.Length; start += Block)
        {
            var block = floats.Slice(start, Math.Min(Block, floats.Length - start));
            Quantizer.FakeQuantize(block, rounded, parameters);
            noise += SquareSums.OfDifference(block, rounded[..block.Length]);
            signal += SquareSums.Of(block);
        }
        return signal == 0 ? 0 : noise / signal;
    }

    private static double ShareOf(Tensor floats, Tensor rounded) => SquareSums.Of(floats.Span<float>()) is > 0 and var signal
        ? SquareSums.OfDifference(floats.Span<float>(), rounded.Span<float>()) / signal : 0;
}
