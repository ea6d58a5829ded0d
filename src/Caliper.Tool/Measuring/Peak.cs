using System.Diagnostics;
using Caliper.Assembly;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Tool.Measuring;

/// <summary>The most that one core can multiply and add in int8, in 10⁹ a second, with each unit that assembled code uses.</summary>
/// <param name="Vectors">Of vectors; null where none multiply bytes.</param>
/// <param name="VectorUnit">What multiplies there.</param>
/// <param name="Tiles">AMX; null where there is none.</param>
internal sealed record Peak(double? Vectors, string? VectorUnit, double? Tiles)
{
    // Of 36 products of a tile, 16 are computed.
    private const double WinogradGain = 36.0 / WinogradTransform.Products;

    private const long Turns = 200_000;
    private const int Trials = 9;

    /// <summary>Measures, the best of some trials.</summary>
    public static Peak Measure(CancellationToken cancellationToken)
    {
        if (!AssembledCode.IsSupported)
        {
            return VectorPeak.Here() is { } peak ? new Peak(Best(peak.Run, peak.MultiplyAddsPerTurn, cancellationToken), peak.Unit, null)
                : new Peak(null, null, null);
        }
        using var vectors = new VnniPeak();
        using var tiles = TileUnit.IsSupported ? new TilePeak() : null;
        return new Peak(Best(vectors.Run, VnniPeak.MultiplyAddsPerTurn, cancellationToken), "AVX-512 VNNI",
            tiles is null ? null : Best(tiles.Run, TilePeak.MultiplyAddsPerTurn, cancellationToken));
    }

    /// <summary>That of the unit which a step's kernel uses; layers that intrinsics compute are held against vectors. Where a kernel has fewer
    /// products than the network, it is that much higher.</summary>
    public double? Of(StepDescription step) => step.Kernel.StartsWith("amx", StringComparison.Ordinal) ? Tiles
        : step.Kernel.Contains("winograd", StringComparison.Ordinal) ? Vectors * WinogradGain : Vectors;

    /// <summary>The milliseconds that a run would take if each step ran at the peak of its unit; null where a peak is not known.</summary>
    public double? LeastMilliseconds(IEnumerable<StepDescription> steps)
    {
        double? sum = 0;
        foreach (var step in steps.Where(s => s.MultiplyAdds > 0)) sum += step.MultiplyAdds / Of(step) / 1e6;
        return sum;
    }

    private static double Best(Action<long> run, long multiplyAddsPerTurn, CancellationToken cancellationToken)
    {
        run(Turns);
        var best = 0.0;
        for (var trial = 0; trial < Trials; trial++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            run(Turns);
            best = Math.Max(best, multiplyAddsPerTurn * Turns / Stopwatch.GetElapsedTime(before).TotalSeconds / 1e9);
        }
        return best;
    }
}
