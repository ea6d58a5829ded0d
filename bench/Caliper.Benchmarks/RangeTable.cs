using System.Diagnostics;
using System.Globalization;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;
using Caliper.Testing;

namespace Caliper.Benchmarks;

/// <summary>
/// Signal to noise of every way to choose a range, measured on draws of six distributions that the range was chosen from, as
/// Markdown: dotnet run -c Release --project bench/Caliper.Benchmarks -- ranges
/// </summary>
internal static class RangeTable
{
    private const int Count = 100_000, Batches = 10, Repetitions = 200;

    public static void Print(TextWriter output)
    {
        Print(output, "quint8 0…255, affine", ObserverSpec.MinMax, null);
        Print(output, "qint8 −127…127, symmetric",
            ObserverSpec.MinMax with
            {
                DType = ElementType.Int8,
                Scheme = QuantizationScheme.PerTensorSymmetric,
                QuantMin = -127,
                QuantMax = 127,
            },
            0);
        Print(output, "quint8 0…127, affine (reduce_range)", ObserverSpec.MinMax with { ReduceRange = true }, null);
        PrintTimes(output);
    }

    private static void Print(TextWriter output, string title, ObserverSpec arguments, int? zeroPoint)
    {
        output.WriteLine($"| {title} | {string.Join(" | ", Distributions.Names)} |");
        output.WriteLine($"|---|{string.Concat(Distributions.Names.Select(_ => "---:|"))}");
        foreach (var method in RangeMethod.All.Where(m => m != RangeMethod.MeanExtremes))
            PrintRow(output, $"`{method.Name}`", values => Measure(values, ObserverSpec.Statistics(method).WithArgumentsOf(arguments)));
        PrintRow(output, "PyTorch `HistogramObserver`", values => Measure(values, ObserverSpec.Histogram.WithArgumentsOf(arguments)));
        PrintRow(output, "ONNX Runtime entropy", values => Measure(values, ObserverSpec.OnnxRuntimeEntropy.WithArgumentsOf(arguments)));
        PrintRow(output, "ONNX Runtime percentile", values => Measure(values, ObserverSpec.OnnxRuntimePercentile.WithArgumentsOf(arguments)));
        PrintRow(output, "brute force", values => MeasuredError.BestSqnrDecibels(values, arguments.QuantizedType, zeroPoint, scales: 600));
        output.WriteLine();
    }

    private static void PrintRow(TextWriter output, string name, Func<float[], double> measure)
    {
        var cells = Distributions.Names.Select(d => measure(Distributions.Draw(d, Count)).ToString("0.00", CultureInfo.InvariantCulture));
        output.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
    }

    private static double Measure(float[] values, ObserverSpec spec)
    {
        var observer = spec.Create();
        foreach (var batch in values.Chunk(Count / Batches)) observer.Observe(Tensor.Vector(batch));
        return MeasuredError.SqnrDecibels(values, observer.CalculateQParams());
    }

    private static void PrintTimes(TextWriter output)
    {
        output.WriteLine($"| milliseconds | {string.Join(" | ", Distributions.Names)} |");
        output.WriteLine($"|---|{string.Concat(Distributions.Names.Select(_ => "---:|"))}");
        var tensors = Distributions.Names.Select(d => TensorStatistics.Of(Distributions.Draw(d, Count))).ToArray();
        output.WriteLine($"| bins | {string.Join(" | ", tensors.Select(t => t.Bins.Length.ToString(CultureInfo.InvariantCulture)))} |");
        foreach (var method in RangeMethod.All)
            output.WriteLine($"| `{method.Name}` | "
                + $"{string.Join(" | ", tensors.Select(t => Time(method, t).ToString("0.00", CultureInfo.InvariantCulture)))} |");
    }

    /// <summary>The least of many, on one thread: what other processes take away is not the method's.</summary>
    private static double Time(RangeMethod method, TensorStatistics tensor)
    {
        var least = double.PositiveInfinity;
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            method.Choose(tensor, QuantizedType.QUInt8, symmetric: false);
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return least;
    }
}
