using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Testing;
using CsCheck;
using Vector = System.Numerics.Vector<byte>;

namespace Caliper.Runtime.Tests.Numerics;

public class QuantizerTests
{
    private static readonly float[] Awkward =
    [
        0, -0f, 0.5f, -0.5f, 1.5f, 2.5f, 1e30f,
        float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon,
    ];

    private static readonly Gen<float> AnyFloat =
        Gen.OneOf(Gen.Float, Gen.Float[-20, 20], Gen.OneOf([.. Awkward.Select(Gen.Const)]));

    private static readonly Gen<QuantizationParameters> AnyByteParameters =
        from signed in Gen.Bool
        let type = signed ? QuantizedType.QInt8 : QuantizedType.QUInt8
        from min in Gen.Int[type.Min, type.Max - 1]
        from max in Gen.Int[min + 1, type.Max]
        from zeroPoint in Gen.Int[type.Min, type.Max]
        from scale in Gen.OneOf(Gen.Float[1e-6f, 10], Gen.OneOf(Gen.Const(0.25f), Gen.Const(float.Epsilon), Gen.Const(1e38f)))
        select QuantizationParameters.PerTensor(type.WithRange(min, max), scale, zeroPoint);

    private static readonly Gen<QuantizationRule> AnyRule = Gen.Enum<QuantizationRule>();

    /// <summary>Every length from none to four vectors and one element.</summary>
    public static TheoryData<int> Lengths() => [.. Enumerable.Range(0, (4 * Vector.Count) + 2)];

    [Theory, MemberData(nameof(Lengths))]
    public void Vectors_quantize_exactly_as_the_reference_and_touch_nothing_else(int length) => Gen.Select(
        AnyFloat.Array[length], AnyByteParameters, AnyRule).Sample((values, parameters, rule) =>
    {
        using var source = GuardedMemory<float>.Of(values);
        using var q = new GuardedMemory<byte>(length);
        using var real = new GuardedMemory<float>(length);
        using var fake = new GuardedMemory<float>(length);
        if (parameters.Type.Storage is ElementType.UInt8)
        {
            Quantizer.Quantize(source.Span, q.Span, parameters, rule);
            Quantizer.Dequantize(q.Span, real.Span, parameters);
        }
        else
        {
            var signed = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, sbyte>(q.Span);
            Quantizer.Quantize(source.Span, signed, parameters, rule);
            Quantizer.Dequantize(signed, real.Span, parameters);
        }
        Quantizer.FakeQuantize(source.Span, fake.Span, parameters, rule);
        for (var i = 0; i < length; i++)
        {
            var expected = QuantizerReference.Quantize(values[i], parameters, 0, rule);
            Assert.Equal((byte)expected, q.Span[i]);
            Assert.Equal(QuantizerReference.Dequantize(expected, parameters, 0), real.Span[i]);
            Assert.Equal(real.Span[i], fake.Span[i]);
        }
    }, iter: 10);

    [Fact]
    public void Quantizing_what_was_dequantized_gives_the_same_integers() =>
        Gen.Select(AnyByteParameters, Gen.Int[0, 255], AnyRule).Where((p, _, _) => p.Scale is > 1e-30f and < 1e30f)
            .Sample((parameters, step, rule) =>
            {
                var q = Math.Min(parameters.Type.Min + step, parameters.Type.Max);
                var real = QuantizerReference.Dequantize(q, parameters, 0);
                Assert.Equal(q, QuantizerReference.Quantize(real, parameters, 0, rule));
            });

    [Fact]
    public void A_value_in_range_moves_by_at_most_half_a_step() =>
        Gen.Select(Gen.Float[0.001f, 10], Gen.Int[0, 255], Gen.Float[0, 1]).Sample((scale, zeroPoint, where) =>
        {
            var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale, zeroPoint);
            var x = parameters.RangeMin + where * (parameters.RangeMax - parameters.RangeMin);
            var q = QuantizerReference.Quantize(x, parameters, 0, QuantizationRule.Onnx);
            var y = QuantizerReference.Dequantize(q, parameters, 0);
            Assert.InRange(Math.Abs(x - y), 0, scale * Tolerances.HalfStep);
        });

    [Fact]
    public void Half_way_values_round_to_even()
    {
        var q = new sbyte[6];
        Quantizer.Quantize([-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f], q, QuantizationParameters.PerTensor(QuantizedType.QInt8, 1, 0));
        Assert.Equal<sbyte>([-2, -2, 0, 0, 2, 2], q);
    }

    [Fact]
    public void Infinities_saturate_and_NaN_becomes_the_least_integer()
    {
        var q = new byte[3];
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8.WithRange(1, 254), 1, 128);
        Quantizer.Quantize([float.PositiveInfinity, float.NegativeInfinity, float.NaN], q, parameters);
        Assert.Equal<byte>([254, 1, 1], q);
    }

    [Fact]
    public void The_two_rules_differ_on_near_ties_only_and_by_one_at_most()
    {
        var differing = 0;
        for (var scale = 0.001f; scale < 0.1f; scale += 0.001f)
        {
            var parameters = QuantizationParameters.PerTensor(QuantizedType.QInt8, scale, 0);
            for (var q = -120; q < 120; q++)
            {
                Assert.Equal(0, Difference(q * scale, parameters));
                var atTie = Difference((q + 0.5f) * scale, parameters);
                Assert.InRange(atTie, -1, 1);
                if (atTie != 0) differing++;
            }
        }
        Assert.NotEqual(0, differing);

        static int Difference(float x, QuantizationParameters parameters) =>
            QuantizerReference.Quantize(x, parameters, 0, QuantizationRule.Onnx)
            - QuantizerReference.Quantize(x, parameters, 0, QuantizationRule.PyTorch);
    }

    [Fact]
    public void Each_channel_has_its_own_scale_whatever_axis_the_channels_lie_along() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 40], Gen.Int[0, 2]).Sample((a, b, c, axis) =>
        {
            var shape = Shape.Of(a, b, c);
            var channels = (int)shape[axis].Length;
            var scales = Enumerable.Range(1, channels).Select(i => i * 0.1f);
            var parameters = QuantizationParameters.PerChannel(
                QuantizedType.QInt8, [.. scales], [.. Enumerable.Range(0, channels)], axis);
            var values = Enumerable.Range(0, a * b * c).Select(i => (i % 7) - 3f).ToArray();
            var q = Quantizer.Quantize(Tensor.Of(shape, values), parameters);
            var real = Quantizer.Dequantize(q, parameters);
            var fake = Quantizer.FakeQuantize(Tensor.Of(shape, values), parameters);
            for (var i = 0; i < values.Length; i++)
            {
                int[] index = [i / (b * c), i / c % b, i % c];
                var expected = QuantizerReference.Quantize(values[i], parameters, index[axis], QuantizationRule.Onnx);
                Assert.Equal(expected, q.Span<sbyte>()[i]);
                Assert.Equal(QuantizerReference.Dequantize(expected, parameters, index[axis]), real.Span<float>()[i]);
            }
            Assert.Equal(real.Span<float>(), fake.Span<float>());
        }, iter: 50);

    [Fact]
    public void Real_zero_points_are_added_before_rounding()
    {
        var parameters = QuantizationParameters.PerChannelFloat(QuantizedType.QUInt8, [0.5f, 1], [1.5f, 2.25f], axis: 0);
        var q = Quantizer.Quantize(Tensor.Of(Shape.Of(2, 2), new[] { 0.25f, 1, 0, 3.5f }), parameters);
        Assert.Equal<byte>([2, 4, 2, 6], q.Span<byte>().ToArray());
        Assert.Equal([0.25f, 1.25f, -0.25f, 3.75f], Quantizer.Dequantize(q, parameters).Span<float>().ToArray());
    }

    [Fact]
    public void A_bias_is_quantized_to_32_bits_and_saturates()
    {
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QInt32, 1e-3f, 0);
        var q = new int[4];
        Quantizer.Quantize([1, -2.5f, 1e30f, -1e30f], q, parameters);
        Assert.Equal([1000, -2500, int.MaxValue, int.MinValue], q);
    }

    [Fact]
    public void Sixteen_bits_hold_what_eight_do_not()
    {
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt16, 1e-3f, 40000);
        var reals = Tensor.Vector(0f, 1.0004f, -2.5f, 1e30f, -1e30f, 25.5355f);
        var integers = Quantizer.Quantize(reals, parameters);
        Assert.Equal(ElementType.UInt16, integers.Type);
        Assert.Equal([40000, 41000, 37500, 65535, 0, 65535], integers.Span<ushort>().ToArray());
        Assert.Equal([0f, 1f, -2.5f, 25535 * 1e-3f, -40f, 25535 * 1e-3f], Quantizer.Dequantize(integers, parameters).Span<float>().ToArray());
        Assert.Equal(Quantizer.Dequantize(integers, parameters).Span<float>().ToArray(),
            Quantizer.FakeQuantize(reals, parameters).Span<float>().ToArray());
    }

    [Fact]
    public void Channels_that_do_not_match_the_tensor_are_refused()
    {
        var parameters = QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 1], [0, 0], axis: 1);
        var error = Assert.Throws<CaliperException>(() =>
            Quantizer.Quantize(Tensor.Of(Shape.Of(2, 3), new float[6]), parameters));
        Assert.Contains("2 channels along axis 1", error.Message);
        Assert.Throws<CaliperException>(() => Quantizer.Quantize(Tensor.Of(Shape.Of(2), new float[2]), parameters));
        Assert.Throws<CaliperException>(() => Quantizer.Quantize(Tensor.Of(Shape.Of(2, 2), new int[4]), parameters));
    }

    [Fact]
    public void An_empty_tensor_stays_empty()
    {
        var parameters = QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 1], [0, 0], axis: 0);
        Assert.Equal(0, Quantizer.Quantize(Tensor.Of(Shape.Of(2, 0), Array.Empty<float>()), parameters).Count);
    }

    [Fact]
    public void A_short_destination_and_per_channel_parameters_are_refused_for_spans()
    {
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1, 0);
        Assert.Throws<ArgumentException>(() => Quantizer.Quantize(new float[3], new byte[2], parameters));
        Assert.Throws<ArgumentException>(() => Quantizer.Quantize(new float[3], new sbyte[3], parameters));
        Assert.Throws<ArgumentException>(() => Quantizer.Quantize(
            new float[3], new byte[3], QuantizationParameters.PerChannel(QuantizedType.QUInt8, [1], [0], 0)));
    }
}
