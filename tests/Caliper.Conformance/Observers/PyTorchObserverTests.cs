using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Testing;

namespace Caliper.Conformance.Observers;

/// <summary>
/// Every observer against PyTorch 2.6, after every batch. Left out is only the histogram of a stream around 1e30, where
/// PyTorch's cubes overflow; ours do not, and <c>HistogramObserverTests</c> says what is right there.
/// </summary>
public class PyTorchObserverTests(ITestOutputHelper output)
{
    [Fact]
    public void Ranges_and_parameters_are_those_of_PyTorch_after_every_batch()
    {
        var cases = ObserverFixture.Load().Cases()
            .Where(entry => entry is not { Observer: "HistogramObserver", Stream: "huge" }).ToArray();
        var identical = cases.Count(IsReproduced);
        var percent = 100.0 * identical / cases.Length;
        output.WriteLine(FormattableString.Invariant($"{identical} of {cases.Length} cases ({percent:0.0} %) have PyTorch's bits"));
        Assert.Equal(269, cases.Length);
    }

    /// <summary>Asserts that a case is within the tolerances, and says whether it has the very same bits.</summary>
    private static bool IsReproduced(ObserverCase entry)
    {
        var observer = entry.Create();
        var identical = true;
        foreach (var (batch, expected) in entry.Batches.Zip(entry.AfterEachBatch))
        {
            observer.Observe(batch);
            var parameters = observer.CalculateQParams();
            Assert.Equal(expected.ZeroPoints, ZeroPoints(parameters));
            identical &= AreClose(expected.Scales, parameters.Scales.AsSpan(), entry);
        }
        identical &= AreClose(entry.Mins, observer.Mins.AsSpan(), entry) & AreClose(entry.Maxs, observer.Maxs.AsSpan(), entry);
        if (observer is HistogramObserver histogram)
            Assert.Equal(entry.HistogramSum, histogram.Counts.ToArray().Sum(count => (double)count));
        return identical;
    }

    private static bool AreClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, ObserverCase entry)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var ulps = Math.Abs(BitConverter.SingleToInt32Bits(expected[i]) - (long)BitConverter.SingleToInt32Bits(actual[i]));
            var isClose = ulps <= Tolerances.ObserverUlps || expected[i] == actual[i];
            Assert.True(isClose, $"{entry}: {actual[i]} is not {expected[i]}");
        }
        return expected.SequenceEqual(actual);
    }

    private static float[] ZeroPoints(QuantizationParameters parameters) =>
        parameters.HasFloatZeroPoints ? [.. parameters.FloatZeroPoints] : [.. parameters.ZeroPoints.Select(z => (float)z)];
}
