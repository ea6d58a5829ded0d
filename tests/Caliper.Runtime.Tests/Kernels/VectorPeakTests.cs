using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Runtime.Tests.Kernels;

public class VectorPeakTests
{
    [Fact]
    public void There_is_a_peak_wherever_vectors_multiply_bytes()
    {
        string[] vectors = ["avx-vnni", "avx2", "advsimd-dp", "vector128"];
        var usable = ConvolutionKernels.All.All.Where(e => vectors.Contains(e.Name) && e.WhyNot() is null).ToArray();
        var peak = VectorPeak.Here();
        Assert.Equal(usable.Length > 0, peak is not null);
        if (peak is null) return;
        peak.Run(10);
        // A tile of six by two vectors, each lane two products or four, 64 times.
        var products = peak.Unit switch { "AVX2" => 12 * 8 * 2, "AVX-VNNI" => 12 * 8 * 4, "128-bit vectors" => 12 * 4 * 2, _ => 12 * 4 * 4 };
        Assert.Equal(64 * products, peak.MultiplyAddsPerTurn);
    }
}
