using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// How an input compares with what the network was trained on, as far as the batch norm at its entrance tells: one that reads
/// the input itself, or one after the first convolution.
/// </summary>
/// <param name="Input">The graph's input.</param>
/// <param name="Layer">The layer that the batch norm was folded into, or the input again.</param>
/// <param name="Value">What that layer reads: the input, or the input padded or transposed.</param>
/// <param name="Fit">What the batch norm says about the means of the channels of <paramref name="Value"/>.</param>
/// <param name="Spread">Standard deviation of the layer's responses relative to training.</param>
internal sealed record FirstLayer(string Input, string Layer, ObservedTensor Value, MeanFit Fit, double Spread)
{
    /// <summary>A channel that varied less in training says nothing that float32 could hold.</summary>
    private const double LeastDeviation = 1e-3;

    /// <summary>Those of a network's inputs that a batch norm tells about.</summary>
    public static IEnumerable<FirstLayer> Of(FusedModel fused, CalibrationStatistics statistics)
    {
        foreach (var input in fused.Inputs)
        {
            if (statistics.Tensors.GetValueOrDefault(input.Name) is not { ChannelAxis: not null, All.Samples: > 0 } value) continue;
            if (fused.Expected.GetValueOrDefault(input.Name) is { } expected && OfInput(input.Name, value, expected) is { } direct)
                yield return direct;
            else if (Reader(fused, input.Name) is { } layer && OfLayer(fused, statistics, input.Name, layer) is { } first) yield return first;
        }
    }

    /// <summary>The convolution that reads an input, if need be after the input was only moved.</summary>
    public static Layer? Reader(FusedModel fused, string value)
    {
        for (var steps = 0; steps < 8; steps++)
        {
            var readers = fused.Layers.Where(l => l.Nodes.Any(n => n.Reads().Contains(value))).Take(2).ToArray();
            if (readers is not [var reader]) return null;
            if (OperatorCatalogue.ProductOf(reader.Operation) is ProductKind.Convolution) return reader.Operation.Input(0) == value ? reader : null;
            if (reader.Role != OperatorRole.PassThrough || ActivationRange.IsCut(reader.Operation)) return null;
            value = reader.Output;
        }
        return null;
    }

    private static FirstLayer? OfInput(string input, ObservedTensor value, ExpectedChannels expected)
    {
        var channels = value.All.Channels;
        if (channels.Length != expected.Mean.Length || expected.Deviation.Any(d => !(d > 0))) return null;
        var responses = expected.Deviation.Select((d, c) => Enumerable.Range(0, channels.Length).Select(i => i == c ? 1 / d : 0).ToArray()).ToArray();
        var spread = Math.Sqrt(channels.Select((c, i) => c.Variance / (expected.Deviation[i] * expected.Deviation[i])).Average());
        return new FirstLayer(input, input, value, new MeanFit(responses, [.. expected.Mean.Select((m, c) => m / expected.Deviation[c])]), spread);
    }

    private static FirstLayer? OfLayer(FusedModel fused, CalibrationStatistics statistics, string input, Layer layer)
    {
        var (graph, conv) = (fused.Model.Graph, layer.Operation);
        if (fused.Expected.GetValueOrDefault(conv.Output) is not { } expected || conv.Int("group", 1) != 1) return null;
        if (graph.Constant(conv.Input(1)) is not { Type: ElementType.Float32 } kernel || LinearWeights.Of(graph, conv)?.Bias is not { } bias)
            return null;
        if (statistics.Tensors.GetValueOrDefault(conv.Input(0)) is not { ChannelAxis: not null } read
            || statistics.Tensors.GetValueOrDefault(layer.Output) is not { } answer) return null;
        var (given, answers) = (read.All.Channels, answer.All.Channels);
        var telling = Enumerable.Range(0, bias.Length).Where(o => expected.Deviation[o] > LeastDeviation).ToArray();
        if (given.Length != kernel.Shape[1].Length || answers.Length != bias.Length || telling.Length < 2 * given.Length) return null;

        var sums = KernelSums(kernel, given.Length);
        var fit = new MeanFit(
            [.. telling.Select(o => sums[o].Select(s => s / expected.Deviation[o]).ToArray())],
            [.. telling.Select(o => (expected.Mean[o] - bias[o]) / expected.Deviation[o])]);
        var range = layer.Activation is { } activation ? ActivationRange.Of(graph, activation) : null;
        var means = telling.Select(o => bias[o] + sums[o].Zip(given, (s, g) => s * g.Mean).Sum()).ToArray();
        var observed = telling.Sum(o => answers[o].Variance / (expected.Deviation[o] * expected.Deviation[o]));
        return new FirstLayer(input, layer.Name, read, fit, SpreadOf(observed, factor => telling.Select((o, i) =>
            ClippedNormal.Variance(means[i] / expected.Deviation[o], factor, Scaled(range, expected.Deviation[o]))).Sum()));
    }

    /// <summary>For each output, the sum of its kernel over each input channel: its response to a constant input.</summary>
    private static double[][] KernelSums(Tensor kernel, int channels)
    {
        var values = kernel.Span<float>();
        var sums = new double[(int)kernel.Shape[0].Length][];
        var inner = values.Length / sums.Length / channels;
        for (var o = 0; o < sums.Length; o++)
        {
            sums[o] = new double[channels];
            for (var c = 0; c < channels; c++)
                foreach (var weight in values.Slice((o * channels + c) * inner, inner)) sums[o][c] += weight;
        }
        return sums;
    }

    private static ActivationRange? Scaled(ActivationRange? range, double deviation) =>
        range is { } r ? new ActivationRange((float)(r.Min / deviation), (float)(r.Max / deviation)) : null;

    /// <summary>The factor on every deviation that explains the variance observed after the activation.</summary>
    private static double SpreadOf(double observed, Func<double, double> variance)
    {
        var (low, high) = (1e-6, 1e6);
        for (var i = 0; i < 60; i++)
        {
            var middle = Math.Sqrt(low * high);
            if (variance(middle) < observed) low = middle; else high = middle;
        }
        return Math.Sqrt(low * high);
    }
}
