using Caliper.Calibration;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Search;

namespace Caliper.Tests.Flow;

/// <summary>Transformers through the whole flow: searched, converted in both forms, run by both engines.</summary>
public class EncoderTests
{
    // Where float steps round otherwise in their last bits, an int8 value of some thousands lies a level away; noise of 8 bits is far above that.
    private const double SameNetworkDecibels = 40;

    private static readonly Lazy<Encoder> Vision = new(() => Encoder.Of(isText: false)), Text = new(() => Encoder.Of(isText: true));

    [Theory]
    [InlineData(false, QuantizedFormat.Qdq)]
    [InlineData(false, QuantizedFormat.QOperator)]
    [InlineData(true, QuantizedFormat.Qdq)]
    [InlineData(true, QuantizedFormat.QOperator)]
    public void Int8_is_as_good_as_float_and_both_engines_compute_it(bool isText, QuantizedFormat format)
    {
        var encoder = (isText ? Text : Vision).Value;
        var (model, quantized) = (encoder.Model, encoder.In(format));
        Assert.Null(CaliperBackend.WhyNot(quantized.Model));
        using var engine = On(quantized, CaliperBackend.Instance);
        using var elsewhere = On(quantized, OnnxRuntimeBackend.Instance);
        Dictionary<string, Tensor>[] all = isText ? [Encoders.Sentences(1, 9, 1), Encoders.Sentences(3, 21, 2)]
            : [Encoders.Images(1, 1), Encoders.Images(3, 2)];
        foreach (var inputs in all)
        {
            var (floats, expected, actual) = (model.Run(inputs)["y"], elsewhere.Run(inputs)["y"], engine.Run(inputs)["y"]);
            Assert.Equal(floats.Shape, actual.Shape);
            Assert.True(Closeness.Decibels(floats, actual) >= 30, $"{Closeness.Decibels(floats, actual):F1} dB of float");
            Assert.True(Closeness.Decibels(expected, actual) >= SameNetworkDecibels, $"{Closeness.Decibels(expected, actual):F1} dB of ONNX Runtime");
        }
    }

    [Fact]
    public void A_sentence_has_the_same_states_on_any_threads_and_in_any_company()
    {
        var quantized = Text.Value.In(QuantizedFormat.Qdq);
        var inputs = Encoders.Sentences(3, 11, 5);
        var expected = Engine(quantized, 1).Run(inputs)["y"];
        foreach (var threads in new[] { 2, 4 })
        {
            using var engine = Engine(quantized, threads);
            Assert.Equal(expected.Bytes.ToArray(), engine.Run(inputs)["y"].Bytes.ToArray());
            for (var i = 0; i < 3; i++)
            {
                var alone = inputs.ToDictionary(p => p.Key, p => Tensor.Of(Shape.Of(1, 11), p.Value.Span<long>().Slice(i * 11, 11).ToArray()));
                Assert.Equal(expected.Span<float>().Slice(i * 11 * 192, 11 * 192).ToArray(), engine.Run(alone)["y"].Span<float>().ToArray());
            }
        }
    }

    /// <summary>A Softmax over more elements may add them up in another order; nothing else sees the padding.</summary>
    [Fact]
    public void Padding_changes_no_more_than_the_last_bits()
    {
        var quantized = Text.Value.In(QuantizedFormat.Qdq);
        using var engine = Engine(quantized, 2);
        var plain = engine.Run(Encoders.Sentences(1, 11, 5))["y"].Span<float>().ToArray();
        foreach (var padding in new[] { 1, 5, 30 })
        {
            var padded = engine.Run(Encoders.Sentences(1, 11, 5, padding))["y"].Span<float>()[..plain.Length].ToArray();
            var noise = 10 * Math.Log10(plain.Sum(v => (double)v * v) / plain.Zip(padded, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
            Assert.True(noise >= SameNetworkDecibels, $"{noise:F1} dB with {padding} of padding");
        }
    }

    private static QuantizedModel On(QuantizedModel quantized, IExecutionBackend backend) =>
        new(quantized.Model, [], new ExecutionOptions { Int8Backend = backend });

    private static QuantizedModel Engine(QuantizedModel quantized, int threads) =>
        new(quantized.Model, [], new ExecutionOptions { Int8Backend = CaliperBackend.Instance, Threads = threads });

    /// <summary>A network, and its int8 form in both ways to write it down.</summary>
    private sealed record Encoder(FloatModel Model, QuantizedModel Qdq, QuantizedModel QOperator)
    {
        public QuantizedModel In(QuantizedFormat format) => format is QuantizedFormat.Qdq ? Qdq : QOperator;

        public static Encoder Of(bool isText)
        {
            var model = isText ? Encoders.Text() : Encoders.Vision();
            using var fused = model.Fuse();
            var data = Encoders.Data(isText);
            using var prepared = fused.Prepare(QConfig.Default);
            var forms = RecipeSearch.FormsOf(prepared, Calibrated(prepared, data));
            foreach (var form in forms) Calibrated(form, data);
            var found = RecipeSearch.Find([prepared, .. forms], data);
            QuantizedModel In(QuantizedFormat format) => found.Form!.Convert(found.Complete(new ConvertOptions { Format = format }));
            var encoder = new Encoder(model, In(QuantizedFormat.Qdq), In(QuantizedFormat.QOperator));
            foreach (var form in forms) form.Dispose();
            return encoder;
        }

        private static CalibrationStatistics Calibrated(PreparedModel form, IEnumerable<Batch> data)
        {
            using var calibrator = new Calibrator(form.Fused);
            calibrator.Observe(data);
            form.Load(calibrator.Statistics);
            return calibrator.Statistics;
        }
    }
}
