using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;

namespace Caliper.Conformance.Docs;

/// <summary>docs/1-from-first-principles.md.</summary>
public sealed class FirstPrinciplesTests() : PageTests("docs/1-from-first-principles.md")
{
    [Fact]
    public void The_affine_map_rounds_and_clips()
    {
        #region
        var observer = new MinMaxObserver();
        observer.Observe([-1f, 0.25f, 3f], Shape.Of(3));
        Console.WriteLine(observer);

        var parameters = observer.CalculateQParams();
        float[] real = [-1f, 0f, 0.25f, 1f, 3f, 4f];
        var integers = new byte[real.Length];
        var again = new float[real.Length];
        Quantizer.Quantize(real, integers, parameters);
        Quantizer.Dequantize(integers, again, parameters);
        for (var i = 0; i < real.Length; i++) Console.WriteLine($"{real[i],5} -> {integers[i],3} -> {again[i]:F4}");
        #endregion
        AssertPrinted(block: 1);
    }

    [Fact]
    public void Cutting_off_a_freak_value_pays_where_many_others_gain()
    {
        #region
        foreach (var n in new[] { 100_000, 1_000_000 })
        {
            var values = new float[n + 1];
            for (var i = 0; i < n; i++) values[i] = (i + 0.5f) / n;
            values[n] = 10;
            foreach (var observer in new Observer[] { new MinMaxObserver(), new HistogramObserver() })
            {
                observer.Observe(values, Shape.Of(values.Length));
                var parameters = observer.CalculateQParams();
                var kept = new float[values.Length];
                Quantizer.FakeQuantize(values, kept, parameters);
                var error = values.Zip(kept, (x, y) => ((double)x - y) * ((double)x - y)).Average();
                Console.WriteLine($"n={n,-8} {observer.Spec.Name,-17}  0..{parameters.RangeMax:F2}  mean squared error {error:F6}");
            }
        }
        #endregion
        AssertPrinted(block: 2);
    }

    [Fact]
    public void A_scale_for_each_channel_keeps_small_channels()
    {
        #region
        var weights = Tensor.Of(Shape.Of(2, 3), [1.0f, -0.6f, 0.3f, 0.01f, -0.006f, 0.003f]);
        foreach (var spec in new[] { QConfig.PyTorchDefault.Weight, QConfig.Default.Weight })
        {
            var observer = spec.Create(channelAxis: 0);
            observer.Observe(weights);
            var kept = Quantizer.FakeQuantize(weights, observer.CalculateQParams()).Span<float>().ToArray();
            Console.WriteLine($"{spec.Scheme,-19} {string.Join("  ", kept.Select(w => $"{w,8:F5}"))}");
        }
        #endregion
        AssertPrinted(block: 3);
    }

    [Fact]
    public void A_layer_in_integers_gives_what_the_page_reckons_by_hand()
    {
        #region
        var x = QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale: 0.02f, zeroPoint: 28);
        var w = QuantizationParameters.PerTensor(QuantizedType.QInt8, scale: 0.005f, zeroPoint: 0);
        var y = QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale: 0.05f, zeroPoint: 100);
        var qx = new byte[3];
        var qw = new sbyte[3];
        Quantizer.Quantize([1.00f, -0.30f, 0.46f], qx, x);
        Quantizer.Quantize([0.40f, -0.25f, 0.123f], qw, w);

        var accumulator = Requantization.QuantizeBias(0.10f, x.Scale, w.Scale);
        for (var i = 0; i < 3; i++) accumulator += (qx[i] - x.ZeroPoint) * qw[i];
        var multiplier = Requantization.Multiplier(x.Scale, w.Scale, y.Scale);
        var qy = Requantization.Requantize(accumulator, multiplier, y.ZeroPoint, y.Type);
        Console.WriteLine($"x = {string.Join(" ", qx)}, w = {string.Join(" ", qw)}");
        Console.WriteLine($"acc = {accumulator}, m = {multiplier:F4}, q_y = {qy}, y = {y.Scale * (qy - y.ZeroPoint):F2}");
        #endregion
        AssertPrinted(block: 4);
    }
}
