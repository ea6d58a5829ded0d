using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;
using Caliper.Testing;

namespace Caliper.Tests.Ranges;

public class QuantizationErrorTests
{
    public static TheoryData<string> Names() => [.. Distributions.Names];

    [Theory, MemberData(nameof(Names))]
    public void What_is_predicted_is_measured(string distribution)
    {
        var values = Distributions.Draw(distribution, 200_000);
        var statistics = TensorStatistics.Of(values);
        foreach (var share in (float[])[1, 0.7f, 0.4f])
        {
            foreach (var symmetric in (bool[])[false, true])
            {
                var type = symmetric ? QuantizedType.QInt8 : QuantizedType.QUInt8;
                var parameters = MseRangeTests.Parameters(type, symmetric, share * statistics.Min, share * statistics.Max);
                var measured = MeasuredError.SqnrDecibels(values, parameters);
                Assert.InRange(QuantizationError.Predict(statistics, parameters).SqnrDecibels,
                    measured - Tolerances.PredictedDecibels, measured + Tolerances.PredictedDecibels);
            }
        }
    }

    [Fact]
    public void Rounding_and_clipping_are_told_apart()
    {
        var error = QuantizationError.Predict(TensorStatistics.Of([0, 0, -10, 30]),
            QuantizationParameters.PerTensor(QuantizedType.QUInt8.WithRange(0, 20), 1, 10));
        Assert.Equal(0, error.RoundingNoise, 12);
        Assert.Equal(100, error.ClippingNoise, 9);
        Assert.Equal(0.25, error.ClippedShare, 12);
        Assert.Equal(1, error.LevelsUsed);
        Assert.Equal(250, error.SignalPower, 1.0);
    }

    [Fact]
    public void Zeros_cost_nothing_however_many() => Assert.Equal(
        double.PositiveInfinity,
        QuantizationError.Predict(TensorStatistics.Of(new float[100]), QuantizationParameters.PerTensor(QuantizedType.QUInt8, 0.1f, 7)).SqnrDecibels);

    [Fact]
    public void A_tensor_without_values_has_no_error() => Assert.Equal(
        default, QuantizationError.Predict(new TensorStatistics(), QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1, 0)));

    [Fact]
    public void Thirty_two_bits_lose_almost_nothing()
    {
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QInt32, 1e-8f, 0);
        Assert.InRange(QuantizationError.Predict(TensorStatistics.Of(Distributions.Draw("normal", 1000)), parameters).SqnrDecibels, 150, 200);
    }

    [Fact]
    public void Parameters_of_channels_are_refused() => Assert.Throws<ArgumentException>(() =>
        QuantizationError.Predict(new TensorStatistics(), QuantizationParameters.PerChannel(QuantizedType.QInt8, [1], [0], 0)));
}
