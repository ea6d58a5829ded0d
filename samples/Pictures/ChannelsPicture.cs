using Caliper;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Pictures.Plotting;

namespace Pictures;

/// <summary>The channels of a depthwise convolution: how large their weights are, and how many integers they get.</summary>
internal static class ChannelsPicture
{
    private static readonly ObserverSpec PerChannel = QConfig.Default.Weight;
    private static readonly ObserverSpec Shared = ObserverSpec.MinMax.WithArgumentsOf(PerChannel) with
    {
        Scheme = QuantizationScheme.PerTensorSymmetric,
    };

    public static Drawing Draw(GlyphSample sample)
    {
        var (layer, weights) = sample.Prepared.Plan.Weights.Where(w => w.Layer.Operation.Int("group", 1) > 1)
            .Select(w => (w.Layer.Name, sample.Fused.Model.Graph.Constant(w.Initializer)!)).MaxBy(l => Spread(MagnitudesOf(l.Item2)));
        var magnitudes = MagnitudesOf(weights);
        int[] order = [.. Enumerable.Range(0, magnitudes.Length).OrderByDescending(c => magnitudes[c])];
        var (shared, own) = (LevelsOf(weights, Shared), LevelsOf(weights, PerChannel));
        var (few, median) = (shared.Count(l => l <= 3), shared.Order().ElementAt(shared.Length / 2));
        var (sharedNoise, ownNoise) = (MedianDecibels(weights, Shared), MedianDecibels(weights, PerChannel));

        var drawing = new Drawing(408, "One scale for all channels, or one for each",
            $"The {magnitudes.Length} channels of {layer}, widest first: "
            + $"their greatest weights go from {Figures.Real(magnitudes.Max(), 3)} down to {Figures.Real(magnitudes.Min(), 3)}. "
            + $"With one scale the median channel reaches {median} of 255 integers, with a scale of its own each reaches {own.Min()}.");
        var channels = new Axis(0, order.Length, 64, 536);
        DrawPanel(drawing, channels, new Axis(Math.Log10(magnitudes.Min() / 2), Math.Log10(magnitudes.Max() * 1.2), 168, 48),
            $"{layer}, a depthwise convolution: greatest weight of each of its {order.Length} channels", order, c => magnitudes[c], "bars");
        drawing.Text(548, 62, Figures.Real(magnitudes.Max(), 3), "bold");
        drawing.Text(548, 78, "widest", "small muted");
        drawing.Text(548, 150, Figures.Real(magnitudes.Min(), 3), "bold");
        drawing.Text(548, 166, "narrowest", "small muted");

        var levels = new Axis(0, Math.Log10(255 * 1.35), 370, 230);
        DrawPanel(drawing, channels, levels, "Integers that a channel's weights reach", order, c => shared[c], "orange");
        drawing.Line(channels.Start, levels.At(Math.Log10(255)), channels.End, levels.At(Math.Log10(255)), "green-line thick");
        var y = levels.At(Math.Log10(255)) + 4;
        drawing.Text(548, y, "a scale for each", "bold green");
        drawing.Text(548, y + 16, "255 everywhere", "small");
        drawing.Text(548, y + 31, $"median SQNR {Figures.Fixed(ownNoise, 1)} dB", "small");
        drawing.Text(548, 316, "one scale for all", "bold orange");
        drawing.Text(548, 332, $"median channel: {Figures.Count(median)}", "small");
        drawing.Text(548, 347, $"median SQNR {Figures.Fixed(sharedNoise, 1)} dB", "small");
        drawing.Text(548, 362, $"{Figures.Count(few)} channels: 3 or fewer", "small");
        drawing.Text((channels.Start + channels.End) / 2, 392, "channels, the widest first; both scales are logarithmic", "small middle muted");
        return drawing;
    }

    private static void DrawPanel(Drawing drawing, Axis channels, Axis height, string title, int[] order, Func<int, double> valueOf, string colour)
    {
        drawing.Text(20, height.End - 18, title, "bold");
        for (var power = Math.Ceiling(height.Min); power <= height.Max; power++)
        {
            drawing.Line(channels.Start, height.At(power), channels.End, height.At(power), "faint-line");
            drawing.Text(channels.Start - 8, height.At(power) + 4, Figures.Real(Math.Pow(10, power)), "small end muted");
        }
        var width = channels.At(1) - channels.At(0);
        foreach (var (i, channel) in order.Index())
        {
            var y = height.At(Math.Log10(valueOf(channel)));
            drawing.Rectangle(channels.At(i) + 0.1 * width, y, 0.8 * width, height.Start - y, colour);
        }
        drawing.Line(channels.Start, height.Start, channels.End, height.Start, "muted-line");
    }

    private static double Spread(float[] magnitudes) => magnitudes.Max() / magnitudes.Min();

    private static float[] MagnitudesOf(Tensor weights) => [.. Channels(weights).Select(c => c.Max(MathF.Abs))];

    /// <summary>How many integers lie between a channel's least and its greatest, one for each sign.</summary>
    private static int[] LevelsOf(Tensor weights, ObserverSpec spec)
    {
        var integers = Quantizer.Quantize(weights, ParametersOf(weights, spec)).Span<sbyte>().ToArray();
        return [.. integers.Chunk(integers.Length / (int)weights.Shape[0].Length).Select(c => 1 + 2 * c.Max(q => Math.Abs((int)q)))];
    }

    private static double MedianDecibels(Tensor weights, ObserverSpec spec)
    {
        var rounded = Quantizer.FakeQuantize(weights, ParametersOf(weights, spec));
        var decibels = Channels(weights).Zip(Channels(rounded), (x, y) =>
            10 * Math.Log10(x.Sum(v => (double)v * v) / x.Zip(y, (a, b) => ((double)a - b) * (a - b)).Sum()));
        return decibels.Order().ElementAt((int)weights.Shape[0].Length / 2);
    }

    private static QuantizationParameters ParametersOf(Tensor weights, ObserverSpec spec)
    {
        var observer = spec.Create(channelAxis: 0);
        observer.Observe(weights);
        return observer.CalculateQParams();
    }

    private static IEnumerable<float[]> Channels(Tensor weights) =>
        weights.Span<float>().ToArray().Chunk(weights.Count / (int)weights.Shape[0].Length);
}
