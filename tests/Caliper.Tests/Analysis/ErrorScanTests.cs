using Caliper.Analysis;
using Caliper.Numerics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Analysis;

public class ErrorScanTests
{
    private static readonly Gen<float> Number = Gen.Float[-20, 20];

    [Fact]
    public void Every_sum_is_that_of_the_definition_at_every_length() =>
        (from length in Gen.OneOf(Gen.Int[1, 70], Gen.Int[4000, 4200])
         from floats in Number.Array[length]
         from deployed in Number.Array[length]
         from local in Number.Array[length]
         from scale in Gen.Float[0.01f, 0.2f]
         from zeroPoint in Gen.Int[0, 255]
         select (floats, deployed, local, QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale, zeroPoint))).Sample((floats, deployed, local, parameters) =>
        {
            var scan = new ErrorScan(parameters);
            scan.Update(floats, deployed, local);
            var rounded = new float[floats.Length];
            Quantizer.FakeQuantize(floats, rounded, parameters, QuantizationRule.Onnx);
            var levels = new byte[floats.Length];
            Quantizer.Quantize(floats, levels, parameters);
            var unclipped = floats.Select(x => MathF.Round(x / parameters.Scale) + parameters.ZeroPoint).ToArray();

            Near(floats.Sum(x => (double)x * x), scan.Signal);
            Near(SquaredDifference(floats, rounded), scan.RoundingNoise);
            Near(SquaredDifference(floats, deployed), scan.DeployedNoise);
            Near(SquaredDifference(floats, local), scan.LocalNoise);
            Near(floats.Zip(rounded).Where((_, i) => unclipped[i] is < 0 or > 255).Sum(p => Square(p.First - p.Second)), scan.ClippingNoise);
            Assert.Equal(floats.Zip(deployed, (x, y) => MathF.Abs(y - x)).Max(), scan.MaxError);
            Assert.Equal((floats.Min(), floats.Max()), (scan.Min, scan.Max));
            Assert.Equal((unclipped.Count(u => u < 0), unclipped.Count(u => u > 255)), ((int)scan.Below, (int)scan.Above));
            for (var level = 0; level < 256; level++) Assert.Equal(levels.Count(l => l == level), scan.Levels[level]);
        }, iter: 200);

    private static double SquaredDifference(float[] a, float[] b) => a.Zip(b).Sum(p => Square((double)p.First - p.Second));

    private static double Square(double value) => value * value;

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, Math.Max(1e-9, Math.Abs(expected) * Tolerances.FloatSums));
}
