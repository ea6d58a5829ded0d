using System.Diagnostics;
using System.Globalization;
using Caliper.Assembly;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Benchmarks.Layers;

/// <summary>
/// What share of the processor's measured peak each convolution of a network reaches, alone, its tensors in the cache:
/// <c>dotnet run -c Release --project bench/Caliper.Benchmarks -- layers resnet50</c>; with <c>tiles</c> for <c>layers</c>,
/// how much every other tile would give.
/// </summary>
internal static class LayerReport
{
    private const double SecondsPerLayer = 0.05;

    public static void Print(string network, bool allTiles)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        using var vnni = AssembledCode.IsSupported ? new VnniPeak() : null;
        var peak = vnni is null ? VectorPeak.Here() ?? throw new CaliperException("No unit of this processor multiplies bytes.")
            : new VectorPeak("AVX-512 VNNI", VnniPeak.MultiplyAddsPerTurn, vnni.Run);
        Console.WriteLine($"{network}: peak {RateOf(peak, rounds: 30) / 1e9:F1} GMAC/s with {peak.Unit}, one thread");
        var (seconds, multiplyAdds) = (0.0, 0L);
        foreach (var layer in Networks.All[network])
        {
            using var run = new LayerRun(layer, (l, r) => ConvolutionKernels.Create(l, r, KernelSet.Auto));
            var fastest = run.FastestSeconds(SecondsPerLayer);
            seconds += fastest * layer.Count;
            multiplyAdds += layer.MultiplyAdds * layer.Count;
            Line($"{layer.Count}x {layer}", run.Name, fastest, layer.MultiplyAdds, peak);
            if (allTiles && vnni is not null && !layer.IsDepthwise) PrintTiles(layer, peak);
        }
        Line("all", "", seconds, multiplyAdds, peak);
    }

    private static void PrintTiles(NetworkLayer layer, VectorPeak peak)
    {
        for (var vectors = 1; vectors <= Math.Min(4, (layer.Outputs + 15) / 16); vectors++)
        {
            foreach (var inHalves in new[] { false, true })
            {
                var most = TilePlan.MaxPixels(vectors, inHalves);
                for (var pixels = most; pixels >= Math.Max(1, most / 4); pixels--)
                {
                    var (v, p) = (vectors, pixels);
                    using var run = new LayerRun(layer, (l, r) => AssembledConvolution.TryCreate(l, r, v, p, inHalves)!);
                    Line("", $"{run.Name} ({p})", run.FastestSeconds(SecondsPerLayer / 2), layer.MultiplyAdds, peak);
                }
            }
        }
    }

    private static void Line(string layer, string kernel, double seconds, long multiplyAdds, VectorPeak peak)
    {
        var rate = multiplyAdds / seconds;
        // Clocks change from one moment to the next: the share is that of the peak just now.
        var share = rate / RateOf(peak, rounds: 3);
        Console.WriteLine($"{layer,-34} {kernel,-16} {seconds * 1e6,9:F1} us {rate / 1e9,7:F1} GMAC/s {share,6:P1}");
    }

    private static double RateOf(VectorPeak peak, int rounds)
    {
        const long Turns = 20_000;
        var best = 0.0;
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            peak.Run(Turns);
            best = Math.Max(best, Turns * peak.MultiplyAddsPerTurn / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
