using Caliper.Calibration.Convergence;
using Caliper.Numerics;

namespace Caliper.Tests.Calibration;

public sealed class ConvergenceVerdictTests
{
    [Fact]
    public void Settled_ranges_need_no_more_data() =>
        Assert.Equal("More data of this kind would hardly change the ranges: half of the 1,024 samples gives as good ones.",
            Verdict(1024, 0.1, 0).Advice);

    [Fact]
    public void Moving_ranges_want_more_and_the_worst_is_named() =>
        Assert.Equal("More data of this kind would help: after 1,024 samples the ranges of 2 of 3 tensors still move, 't0' most.",
            Verdict(1024, 3, 0.3, 0).Advice);

    [Fact]
    public void Of_few_samples_nothing_is_claimed()
    {
        Assert.StartsWith("15 samples are too few to tell", Verdict(15, 0).Advice, StringComparison.Ordinal);
        Assert.StartsWith("More data of this kind would hardly", Verdict(16, 0).Advice, StringComparison.Ordinal);
    }

    private static ConvergenceVerdict Verdict(int samples, params double[] losses) => new(samples, null,
        [.. losses.Select((loss, i) => new TensorConvergence($"t{i}", QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1, 0), 0, 0, loss))]);
}
