namespace Caliper.Tool.Reports;

/// <summary>The result of <c>bench</c>. What was not measured is null and left out.</summary>
internal sealed record BenchReport
{
    /// <summary>The model, and then what it was measured against.</summary>
    public required BenchResult[] Results { get; init; }

    /// <summary>Median of the second over median of the first: how many times faster the first is.</summary>
    public double? Ratio { get; init; }

    /// <summary>The most that one core multiplies and adds in int8 with vectors, in 10⁹ a second.</summary>
    public double? PeakGmacPerSecond { get; init; }

    /// <summary>What multiplies there: AVX-512 VNNI, AVX-VNNI, AVX2 or Arm dot products.</summary>
    public string? PeakUnit { get; init; }

    /// <summary>The same with tiles (AMX-INT8).</summary>
    public double? TilePeakGmacPerSecond { get; init; }

    /// <summary>Memory of the engine's plan.</summary>
    public BenchMemory? Memory { get; init; }

    /// <summary>Every layer, on one thread.</summary>
    public BenchLayer[]? Layers { get; init; }

    /// <summary>What is to be said about who ran the models.</summary>
    public required DiagnosticReport[] Diagnostics { get; init; }
}

/// <summary>What one model on one backend took.</summary>
internal sealed record BenchResult(string Model, string Backend, int Threads, int Batch, double MedianMilliseconds, double MinMilliseconds,
    double? GmacPerSecond, double? ShareOfPeak);

/// <summary>What one layer took.</summary>
internal sealed record BenchLayer(string Name, string Kind, string Kernel, double MedianMilliseconds, double? GmacPerSecond, double? ShareOfPeak);

/// <summary>Memory in bytes.</summary>
internal sealed record BenchMemory(long WeightBytes, long ArenaBytes);
