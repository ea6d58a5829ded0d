using Caliper.Analysis;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Analysis;

public class ErrorScanTests
{
    private static readonly Gen<float> Number = Gen.Float[-20, 20];
    private static readonly double[] HalfBeyond = [0.501, 0.499];

    [Fact]
    public void Every_sum_is_that_of_the_definition_at_every_length() =>
        (from length in Gen.OneOf(Gen.Int[1, 70], Gen.Int[4000, 4200])
         from floats in Number.Array[length]
         from deployed in Gen.Byte.Array[length]
         from local in Gen.Byte.Array[length]
         from scale in Gen.Float[0.01f, 0.2f]
         from type in Gen.Bool.Select(signed => signed ? QuantizedType.QInt8 : QuantizedType.QUInt8)
         from zeroPoint in Gen.Int[type.Min, type.Max]
         select (floats, deployed, local, QuantizationParameters.PerTensor(type, scale, zeroPoint))).Sample((floats, deployed, local, parameters) =>
        {
            var shape = Shape.Of(floats.Length);
            var integers = Quantizer.Quantize(Tensor.Of(shape, floats), parameters);
            var rounded = Floats(integers, parameters);
            var (d, l) = (
                Floats(new Tensor(parameters.Type.Storage, shape, deployed), parameters),
                Floats(new Tensor(parameters.Type.Storage, shape, local), parameters));
            var unclipped = floats.Select(x => MathF.Round(x / parameters.Scale) + parameters.ZeroPoint).ToArray();
            var (lowest, highest) = (parameters.Type.Min, parameters.Type.Max);

            var sums = ErrorScan.Measure(parameters, floats, integers.Bytes.Span, deployed, local);
            Near(floats.Sum(x => (double)x * x), sums.Signal);
            Near(SquaredDifference(floats, rounded), sums.RoundingNoise);
            Near(SquaredDifference(floats, d), sums.DeployedNoise);
            Near(SquaredDifference(floats, l), sums.LocalNoise);
            Near(d.Sum(x => (double)x * x), sums.DeployedSignal);
            Near(floats.Zip(d, (x, y) => (double)x * y).Sum(), sums.Product, floats.Zip(d, (x, y) => Math.Abs((double)x * y)).Sum());
            // Of a value half a step beyond the range, the last bit decides.
            var steps = floats.Select(x => (double)x / parameters.Scale + parameters.ZeroPoint).ToArray();
            var noise = floats.Zip(rounded, (x, y) => Square((double)x - y)).ToArray();
            Between(HalfBeyond.Select(half => noise.Where((_, i) => lowest - steps[i] > half || steps[i] - highest > half).Sum()),
                sums.ClippingNoise);
            Between(HalfBeyond.Select(half => (double)steps.Count(s => lowest - s > half)), sums.Below);
            Between(HalfBeyond.Select(half => (double)steps.Count(s => s - highest > half)), sums.Above);
            Assert.Equal(floats.Zip(d, (x, y) => MathF.Abs(y - x)).Max(), sums.MaxError);
            Assert.Equal((floats.Min(), floats.Max(), floats.Length), (sums.Min, sums.Max, (int)sums.Values));

            var levels = new long[256];
            ErrorScan.CountLevels(integers.Bytes.Span, parameters.Type, levels);
            var expected = new long[256];
            foreach (var u in unclipped) expected[(int)Math.Clamp(u, lowest, highest) - lowest]++;
            Assert.Equal(expected, levels);
        }, iter: 200);

    private static float[] Floats(Tensor integers, QuantizationParameters parameters) =>
        Quantizer.Dequantize(integers, parameters).Span<float>().ToArray();

    private static double SquaredDifference(float[] a, float[] b) => a.Zip(b).Sum(p => Square((double)p.First - p.Second));

    private static double Square(double value) => value * value;

    private static void Between(IEnumerable<double> bounds, double actual) =>
        Assert.InRange(actual, bounds.Min() * (1 - Tolerances.FloatSums), bounds.Max() * (1 + Tolerances.FloatSums));

    private static void Near(double expected, double actual, double? magnitude = null) =>
        Assert.Equal(expected, actual, Math.Max(1e-9, (magnitude ?? Math.Abs(expected)) * Tolerances.FloatSums));
}
