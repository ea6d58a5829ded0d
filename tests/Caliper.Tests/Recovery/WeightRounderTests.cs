using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Recovery;

namespace Caliper.Tests.Recovery;

/// <summary>Weights rounded by what they multiply are never worse than the nearest integers, and few weights are as good as can be.</summary>
public class WeightRounderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Few_weights_at_a_fixed_scale_get_the_best_integers_there_are(int count)
    {
        var random = new Random(count);
        for (var trial = 0; trial < 20; trial++)
        {
            var form = FormOf(random, count);
            double[] weights = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * 5 - 2.5)];
            double[] ordered = [.. form.Order.Select(o => weights[o])];
            int[] nearest = [.. ordered.Select(w => (int)Math.Clamp(Math.Round(w), -2, 2))];
            var (best, error) = new ChannelRounding([form], [ordered], -2, 2).Round([nearest], 1, null);
            Assert.Equal(LeastOf(form, ordered, -2, 2), best.Error, 1e-9);
            Assert.InRange(best.Error, 0, error);
            Assert.Equal(1, best.Scale);
        }
    }

    [Theory]
    [InlineData(1, 9, 1)]
    [InlineData(2, 25, 1)]
    [InlineData(3, 40, 1)]
    [InlineData(4, 80, 10)]
    [InlineData(5, 200, 1)]
    public void Errors_are_never_above_those_of_the_nearest_integers(int seed, int taps, float outlier)
    {
        var (node, weights, start, moments) = Linear(seed, taps, outlier);
        foreach (var isMeanCorrected in new[] { false, true })
        {
            var rounded = WeightRounder.Round(node, weights, start, moments, OptionsFor(start) with { IsMeanCorrected = isMeanCorrected })!;
            Assert.All(rounded.Errors.Zip(rounded.NearestErrors), e => Assert.InRange(e.First, 0, e.Second));
            Assert.True(rounded.Errors.Sum() < 0.9 * rounded.NearestErrors.Sum());
            Assert.All(rounded.Integers.Span<sbyte>().ToArray(), q => Assert.InRange(q, -127, 127));
            Assert.Equal(start.ZeroPoints, rounded.Parameters.ZeroPoints);
        }
    }

    [Fact]
    public void The_reported_error_is_that_of_the_weights()
    {
        var (node, weights, start, moments) = Linear(6, 12, 1);
        var rounded = WeightRounder.Round(node, weights, start, moments, OptionsFor(start))!;
        Assert.Equal(ErrorOf(rounded.Integers, rounded.Parameters), rounded.Errors.Sum(), 1e-3 * rounded.Errors.Sum());
        Assert.Equal(ErrorOf(Quantizer.Quantize(weights, start), start), rounded.NearestErrors.Sum(), 1e-3 * rounded.NearestErrors.Sum());

        double ErrorOf(Tensor integers, QuantizationParameters parameters)
        {
            var real = Quantizer.Dequantize(integers, parameters).Span<float>();
            var matrix = WeightRounder.Shrunk(moments, 0, 0, isMeanCorrected: false);
            var ridge = WeightRounder.Dampening * Enumerable.Range(0, 12).Average(i => matrix[i * 13]);
            var sum = 0.0;
            for (var c = 0; c < 8; c++)
            {
                for (var i = 0; i < 12; i++)
                {
                    for (var j = 0; j < 12; j++)
                    {
                        var product = matrix[i * 12 + j] + (i == j ? ridge : 0);
                        sum += product * (weights.Span<float>()[i * 8 + c] - (double)real[i * 8 + c])
                            * (weights.Span<float>()[j * 8 + c] - (double)real[j * 8 + c]);
                    }
                }
            }
            return sum;
        }
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var (node, weights, start, moments) = Linear(8, 30, 1);
        var once = WeightRounder.Round(node, weights, start, moments, OptionsFor(start))!;
        var again = WeightRounder.Round(node, weights, start, moments, OptionsFor(start) with { Threads = 4 })!;
        Assert.Equal(once.Integers.Bytes.ToArray(), again.Integers.Bytes.ToArray());
        Assert.Equal(once.Parameters, again.Parameters);
    }

    [Fact]
    public void One_scale_for_all_channels_stays_as_it_is()
    {
        var (node, weights, _, moments) = Linear(9, 30, 1);
        var start = QuantizationParameters.PerTensor(QuantizedType.QInt8, 1f / 120, 0);
        var rounded = WeightRounder.Round(node, weights, start, moments, OptionsFor(start))!;
        Assert.Equal(start, rounded.Parameters);
        Assert.All(rounded.Errors.Zip(rounded.NearestErrors), e => Assert.InRange(e.First, 0, e.Second));
    }

    [Fact]
    public void No_scale_falls_below_the_least_that_is_allowed()
    {
        var (node, weights, start, moments) = Linear(10, 30, 20);
        var rounded = WeightRounder.Round(node, weights, start, moments, OptionsFor(start) with { LeastScales = [.. start.Scales] })!;
        Assert.All(rounded.Parameters.Scales.Zip(start.Scales), s => Assert.True(s.First >= s.Second));
    }

    [Fact]
    public void Inputs_that_are_always_zero_leave_the_nearest_integers()
    {
        var (node, weights, start, _) = Linear(11, 30, 1);
        var moments = new LayerMoments(1, 30, 1);
        moments.Add(new Patches(Tensor.Of(Shape.Of(4, 30), new float[120]), 30, 4), [0, 1, 2, 3]);
        var rounded = WeightRounder.Round(node, weights, start, moments, OptionsFor(start))!;
        Assert.Equal(Quantizer.Quantize(weights, start, QuantizationRule.PyTorch).Bytes.ToArray(), rounded.Integers.Bytes.ToArray());
    }

    [Theory]
    [InlineData(QuantizedFormat.Qdq)]
    [InlineData(QuantizedFormat.QOperator)]
    public void A_network_comes_closer_to_its_float_self(QuantizedFormat format)
    {
        using var model = new TestModel(4).Input("x", -1, 3, 12, 12).ConvBlock("a", "x", 3, 8).Weights("d", 1, 8, 1, 3, 3).Weights("db", 0.1f, 8)
            .Node("Conv", "a.relu d db", "b", n => n.With("group", 8).With("pads", 1, 1, 1, 1)).Node("Relu", "b", "c")
            .Weights("e", 0.5f, 6, 8, 1, 1).Node("Conv", "c e", "y").Output("y").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var random = new TestModel(12);
        Dictionary<string, Tensor>[] samples = [.. Enumerable.Range(0, 24).Select(_ => Smooth(random))];
        foreach (var sample in samples) prepared.Run(sample);
        var moments = SecondMoments.Collect(fused, prepared.Plan, samples[..16]);
        var (nearest, rounded) = (NoiseOf(null), NoiseOf(moments));
        Assert.True(rounded < nearest, $"{rounded} is not below {nearest}");

        double NoiseOf(SecondMoments? known)
        {
            using var converted = prepared.Convert(new ConvertOptions { Format = format, Moments = known });
            return samples[16..].Sum(s => fused.Run(s)["y"].Span<float>().ToArray().Zip(converted.Run(s)["y"].Span<float>().ToArray())
                .Sum(p => Math.Pow(p.First - p.Second, 2)));
        }
    }

    /// <summary>An image whose neighbours resemble each other, as those of photographs do.</summary>
    private static Dictionary<string, Tensor> Smooth(TestModel random)
    {
        var values = random.RandomTensor(Shape.Of(1, 3, 12, 12), 1).Span<float>().ToArray();
        for (var i = 1; i < values.Length; i++) values[i] = 0.8f * values[i - 1] + 0.4f * values[i];
        return new() { ["x"] = Tensor.Of(Shape.Of(1, 3, 12, 12), values) };
    }

    private static RoundingOptions OptionsFor(QuantizationParameters start) => new(false, 0, new float[start.Channels], 1);

    private static (Node, Tensor, QuantizationParameters, LayerMoments) Linear(int seed, int taps, float outlier)
    {
        var random = new TestModel(seed);
        var values = random.RandomTensor(Shape.Of(taps, 8), 1).Span<float>().ToArray();
        values[3] *= outlier;
        float[] scales = [.. Enumerable.Range(0, 8).Select(c => values.Where((_, i) => i % 8 == c).Max(MathF.Abs) / 127)];
        var start = QuantizationParameters.PerChannel(QuantizedType.QInt8.WithRange(-127, 127), [.. scales], [.. new int[8]], 1);
        var inputs = random.RandomTensor(Shape.Of(500, taps), 1).Span<float>().ToArray();
        for (var i = 1; i < inputs.Length; i++) inputs[i] += 0.9f * inputs[i - 1] + 0.05f;
        var moments = new LayerMoments(1, taps, 1);
        moments.Add(new Patches(Tensor.Of(Shape.Of(500, taps), inputs), taps, 500), [.. Enumerable.Range(0, 500)]);
        return (new Node("n", "MatMul", ["x", "w"], ["y"]), Tensor.Of(Shape.Of(taps, 8), values), start, moments);
    }

    private static QuadraticForm FormOf(Random random, int count)
    {
        double[][] rows = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, count).Select(_ => random.NextDouble() * 2 - 1).ToArray())];
        double[] matrix = [.. Enumerable.Range(0, count * count).Select(i => rows.Sum(r => r[i / count] * r[i % count]))];
        return QuadraticForm.Of(matrix, 0.01)!;
    }

    private static double LeastOf(QuadraticForm form, double[] weights, int min, int max)
    {
        var integers = Enumerable.Repeat(min, weights.Length).ToArray();
        var least = double.PositiveInfinity;
        while (true)
        {
            least = Math.Min(least, form.Of(weights.Zip(integers, (w, q) => w - q).ToArray()));
            var i = 0;
            while (i < integers.Length && integers[i] == max) integers[i++] = min;
            if (i == integers.Length) return least;
            integers[i]++;
        }
    }
}
