using Caliper.Onnx;
using CsCheck;

namespace Caliper.Conformance.Engine;

/// <summary>A tensor is read in the order in which it was written, whatever follows what.</summary>
public class MixedNetworkTests
{
    // Operators next to a rounding border differ from ONNX Runtime's by a level now and then; a tensor read in another order than
    // it was written has nothing left of the signal.
    private const double LeastSqnr = 20;

    [Fact]
    public void Any_mixture_of_operators_gives_ONNX_Runtimes_numbers() => (
        from seed in Gen.Int[0, 1_000_000]
        from batch in Gen.OneOf(Gen.Const(1), Gen.Const(2), Gen.Const(3), Gen.Const(7))
        from length in Gen.Int[2, 9]
        select (seed, batch, length)).Sample(c => Check(c.seed, c.batch, c.length), iter: Rounds);

    /// <summary>Channels of two tensors that lay beside each other by chance were copied in one go, with what lies between.</summary>
    [Fact]
    public void Tensors_that_lie_side_by_side_by_chance_are_not_one() => Check(395434, 7, 9);

    /// <summary>300 in the suite; more where the environment says so.</summary>
    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("CALIPER_MIXED_NETWORKS"), out var rounds) ? rounds : 300;

    private static void Check(int seed, int batch, int length)
    {
        var model = MixedNetworks.Build(seed, batch, length);
        var feeds = Comparison.Feeds(model, seed);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        var portable = Comparison.Run(model, feeds, new Int8SessionOptions { Kernels = KernelSet.Portable });
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.Shape, portable[name].Shape);
            var sqnr = Sqnr(tensor.Span<float>(), portable[name].Span<float>());
            Assert.True(sqnr >= LeastSqnr, $"{name} of {tensor.Shape}: {sqnr:F1} dB");
        }
        foreach (var kernels in Enum.GetValues<KernelSet>().Where(k => k is not KernelSet.Portable))
            foreach (var (name, tensor) in Comparison.Run(model, feeds, new Int8SessionOptions { Kernels = kernels, Threads = 1 + seed % 2 }))
                Comparison.AssertSame(portable[name], tensor);
    }

    private static double Sqnr(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        var (signal, noise) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            signal += (double)expected[i] * expected[i];
            noise += Math.Pow((double)expected[i] - actual[i], 2);
        }
        return noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
    }
}
