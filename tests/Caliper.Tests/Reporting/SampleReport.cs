using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Numerics;
using Caliper.Reporting.Html;

namespace Caliper.Reporting.Tests;

/// <summary>Reports that look like those of a real network: tensors after a ReLU, bells around zero, clipped tails, idle levels.</summary>
internal static class SampleReport
{
    public static readonly HtmlReportHeader Header = new("ResNet-20 in int8", "models/resnet20.onnx", "out/resnet20.int8.onnx")
    {
        Rows = [new("Acc@1", "92.60 %", "91.85 %", "-0.75 %"), new("Size", "1.09 MB", "0.30 MB", "3.6 times smaller"),
            new("Latency, batch 1", "1.42 ms", "0.51 ms", "2.8 times faster")],
    };

    public static QuantizationReport Of(int layers, Func<int, string>? nameOf = null)
    {
        nameOf ??= i => i == 0
            ? "input"
            : FormattableString.Invariant($"features.stage{1 + (i / 12)}.block{i / 3 % 4}.{(i % 3 == 0 ? "add" : $"conv{i % 3}")}.{i}");
        var names = Enumerable.Range(0, layers).Select(nameOf).ToArray();
        return new QuantizationReport(512, [new("logits", 27.43), new("embedding", 33.1)], [.. names.Select(Tensor)],
            [.. names.Select(Weights).Where((_, i) => i % 3 != 0)],
            [
                new(names[layers / 2], ErrorKind.Clipping, 0.46, "2.1 % of the values lie above the range, by up to 3.4 times its width.",
                    new(FixKind.Recalibrate, [names[layers / 2]])) { DecibelsNow = 27.1, DecibelsMended = 30.9 },
                new(names[layers / 3], ErrorKind.OutlierChannel, 0.21,
                    "Channel 7's weights are 38 times greater than the median channel's, and all share one scale.",
                    new(FixKind.PerChannelWeights, [names[layers / 3]])) { DecibelsNow = 27.1, DecibelsMended = 29.2 },
                new(names[0], ErrorKind.Input, 0.0734,
                    "The values reach from -123.7 to 151.1, the range from -2.1 to 2.6: preprocessing differs.", new(FixKind.Preprocess, []))
                { DecibelsNow = 27.1, DecibelsMended = 28.4 },
            ])
        {
            Headrooms = [.. names.Select((name, i) =>
                new Headroom(name, 1L << (14 + (i % 9)), 1234 * i, i % 4, i % 11 == 7 ? 1 : 0, 16, 1 + (0.3 * i)))],
        };
    }

    public static TensorError Tensor(string name, int index)
    {
        var random = new Random(index);
        var relu = index % 3 == 1;
        var zeroPoint = relu ? 0 : 114 + (index % 29);
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8, 0.0071f * (1 + (index % 7)), zeroPoint);
        var spread = index % 5 == 4 ? 9.0 : 38;
        var levels = Enumerable.Range(0, 256)
            .Select(q => (long)(2e5 * Math.Exp(-Math.Pow((q - zeroPoint) / spread, 2) / 2) * (0.7 + (0.6 * random.NextDouble()))))
            .ToArray();
        if (relu) levels[0] += 3_456_789;
        var (below, above) = (!relu && index % 4 == 2 ? 812L : 0, index % 4 == 1 ? 24_310L : 0);
        levels[0] += below;
        levels[^1] += above;
        var least = Array.FindIndex(levels, l => l > 0);
        var most = Array.FindLastIndex(levels, l => l > 0);
        var stretch = above > 0 ? 1.6f : 1f;
        return new TensorError(name, name + "_output_0", parameters)
        {
            Min = parameters.Scale * (least - zeroPoint) * (below > 0 ? 1.3f : 1f),
            Max = parameters.Scale * (most - zeroPoint) * stretch,
            Values = levels.Sum(),
            Below = below,
            Above = above,
            Levels = [.. levels],
            RoundingNoise = 12,
            RoundingDecibels = 38 + (4 * random.NextDouble()),
            ClippingNoise = above > 0 ? 0.63 : 0,
            LocalDecibels = index == 0 ? null : 31 + (12 * random.NextDouble()),
            AccumulatedDecibels = index == 2
                ? double.PositiveInfinity
                : 44 - (30d * (index % 40) / 40) + (4 * random.NextDouble()) - (index % 17 == 16 ? 14 : 0),
            Cosine = 1 - (0.004 * random.NextDouble()),
            MaxError = 0.42f * (float)random.NextDouble(),
            OutputDecibels = index % 6 == 5 ? null : 29 + (20 * random.NextDouble()),
        };
    }

    public static WeightError Weights(string name, int index)
    {
        var random = new Random(1000 + index);
        ImmutableArray<double> decibels = [.. Enumerable.Range(0, 16 << (index % 4))
            .Select(c => c == 7 && index % 4 == 1 ? 12.3 : 36 + (6 * random.NextDouble()))];
        ImmutableArray<float> magnitudes = [.. decibels.Select(d => d < 20 ? 0.011f : 0.3f + (0.2f * (float)random.NextDouble()))];
        var parameters = index % 2 == 0
            ? QuantizationParameters.PerTensor(QuantizedType.QInt8, 0.0039f, 0)
            : QuantizationParameters.PerChannel(QuantizedType.QInt8, [.. magnitudes.Select(m => m / 127)], [.. magnitudes.Select(_ => 0)], 0);
        return new WeightError(name, parameters, 37.2, decibels, magnitudes) { OutputDecibels = 34.6 };
    }
}
