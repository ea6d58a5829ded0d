using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Ranges;

public class MseRangeTests
{
    private const int Count = 20_000;

    /// <summary>Distributions times the schemes that networks use.</summary>
    public static MatrixTheoryData<string, string> Cases() => new(Distributions.Names, ["affine", "symmetric", "reduced"]);

    [Theory, MemberData(nameof(Cases))]
    public void It_finds_what_brute_force_finds(string distribution, string scheme)
    {
        var (type, symmetric) = TypeOf(scheme);
        var values = Distributions.Draw(distribution, Count);
        var best = MeasuredError.BestSqnrDecibels(values, type, symmetric ? 0 : null, scales: 250);
        Assert.InRange(Measure(RangeMethod.Mse, values, type, symmetric), best - Tolerances.BestRangeDecibels, best + Tolerances.BestRangeDecibels);
    }

    /// <summary>And those whose zero point PyTorch puts at 128, or at 127 because the range 0..255 was asked for.</summary>
    public static MatrixTheoryData<string, string> CasesOfEveryZeroPoint() => new(Distributions.Names,
    [
        "affine", "symmetric", "reduced", "symmetric quint8", "symmetric quint8 0..255", "symmetric quint8 0..127", "symmetric quint8 reduced",
    ]);

    [Theory, MemberData(nameof(CasesOfEveryZeroPoint))]
    public void It_is_never_worse_than_minmax(string distribution, string scheme)
    {
        var (type, symmetric) = TypeOf(scheme);
        for (var seed = 2; seed < 8; seed++)
        {
            var values = Distributions.Draw(distribution, 20 << seed, seed);
            var minMax = Measure(RangeMethod.MinMax, values, type, symmetric);
            Assert.InRange(Measure(RangeMethod.Mse, values, type, symmetric), minMax - Tolerances.NeverWorseDecibels(values.Length),
                double.PositiveInfinity);
        }
    }

    [Fact]
    public void Its_prediction_is_never_worse_than_that_of_minmax_whatever_the_values() =>
        Gen.Select(Gen.Float[-10, 10].Array[1, 300], Gen.Int[-12, 30], Gen.Bool).Sample((values, exponent, symmetric) =>
        {
            values = [.. values.Select(v => MathF.ScaleB(v * v * v, exponent))];
            var type = symmetric ? QuantizedType.QInt8 : QuantizedType.QUInt8;
            var statistics = TensorStatistics.Of(values);
            var (mse, minMax) = (Predicted(RangeMethod.Mse), Predicted(RangeMethod.MinMax));
            Assert.InRange(mse, 0, minMax * (1 + 1e-6) + 1e-300);

            double Predicted(RangeMethod method)
            {
                var (min, max) = method.Choose(statistics, type, symmetric);
                return QuantizationError.Predict(statistics, Parameters(type, symmetric, min, max)).Noise;
            }
        }, iter: 100);

    [Theory]
    [InlineData("symmetric quint8", 128)]
    [InlineData("symmetric quint8 0..255", 127)]
    [InlineData("symmetric quint8 0..127", 63)]
    [InlineData("symmetric quint8 reduced", 63)]
    public void The_zero_point_searched_with_is_that_of_the_observers_rule(string scheme, int zeroPoint)
    {
        var (type, symmetric) = TypeOf(scheme);
        Assert.Equal(zeroPoint, RangeRule.SymmetricZeroPoint(type));
        Assert.Equal(zeroPoint, Parameters(type, symmetric, -1, 2).ZeroPoint);
    }

    [Fact]
    public void A_constant_is_represented_exactly()
    {
        foreach (var value in (float[])[3.7f, -0.02f, 1e6f, 1e-3f])
        {
            var (min, max) = RangeMethod.Mse.Choose(TensorStatistics.Of([value, value, value]), QuantizedType.QUInt8, symmetric: false);
            Assert.InRange(value > 0 ? max : min, value - 1e-5f * MathF.Abs(value), value + 1e-5f * MathF.Abs(value));
        }
    }

    [Fact]
    public void One_value_far_out_among_a_million_does_not_decide()
    {
        var values = Distributions.Draw("normal", 1_000_000);
        values[77] = 60;
        var (_, max) = RangeMethod.Mse.Choose(TensorStatistics.Of(values), QuantizedType.QUInt8, symmetric: false);
        Assert.InRange(max, 3, 30);
    }

    internal static (QuantizedType Type, bool Symmetric) TypeOf(string scheme) => scheme switch
    {
        "affine" => (QuantizedType.QUInt8, false),
        "symmetric" => (QuantizedType.QInt8.WithRange(-127, 127), true),
        "reduced" => (QuantizedType.QUInt8.Reduced(), false),
        "symmetric quint8" => (QuantizedType.QUInt8, true),
        "symmetric quint8 0..255" => (QuantizedType.QUInt8.WithRange(0, 255), true),
        "symmetric quint8 0..127" => (QuantizedType.QUInt8.WithRange(0, 127), true),
        "symmetric quint8 reduced" => (QuantizedType.QUInt8.Reduced(), true),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    internal static QuantizationParameters Parameters(QuantizedType type, bool symmetric, float min, float max)
    {
        var custom = type.IsChosen || type != QuantizedType.Of(type.Storage);
        var observer = (ObserverSpec.MinMax with
        {
            DType = type.Storage,
            Scheme = symmetric ? QuantizationScheme.PerTensorSymmetric : QuantizationScheme.PerTensorAffine,
            QuantMin = custom ? type.Min : null,
            QuantMax = custom ? type.Max : null,
        }).Create();
        observer.Observe(Tensor.Vector([min, max]));
        return observer.CalculateQParams();
    }

    internal static double Measure(RangeMethod method, float[] values, QuantizedType type, bool symmetric)
    {
        var (min, max) = method.Choose(TensorStatistics.Of(values), type, symmetric);
        return MeasuredError.SqnrDecibels(values, Parameters(type, symmetric, min, max));
    }
}
