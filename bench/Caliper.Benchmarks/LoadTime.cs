using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Caliper.Benchmarks;

/// <summary>
/// How long loading and fusing takes, against another build: <c>... -- load OLD/Caliper.Tool.dll NEW/Caliper.Tool.dll MODEL.onnx …</c>. Both
/// builds live in one process and take turns, long enough that all code is compiled in its last form. What is told is how the least and the
/// median times of the new build compare with those of the old one.
/// </summary>
internal static class LoadTime
{
    private const int LeastRounds = 60, MostRounds = 2000, LargeFileInBytes = 100_000;

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(1), Time = TimeSpan.FromSeconds(2);

    public static void Print(string old, string current, IEnumerable<string> models)
    {
        var builds = new[] { new Loader(old), new Loader(current) };
        foreach (var model in models)
        {
            Turns(builds, model, Warmup);
            var times = Turns(builds, model, Time);
            Console.WriteLine($"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(model)))}/{Path.GetFileName(model),-24} "
                + $"load {Compared(times, t => t.Load)}  load + fuse {Compared(times, t => t.Load + t.Fuse)}");
        }
    }

    /// <summary>The times of each build.</summary>
    private static List<(double Load, double Fuse)>[] Turns(Loader[] builds, string model, TimeSpan time)
    {
        List<(double Load, double Fuse)>[] times = [[], []];
        var isLarge = new FileInfo(model).Length > LargeFileInBytes;
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < LeastRounds || (round < MostRounds && Stopwatch.GetElapsedTime(start) < time); round++)
        {
            // Whoever comes first meets what the other left in caches: so they take turns at that, too.
            foreach (var build in round % 2 == 0 ? [0, 1] : new[] { 1, 0 })
            {
                // The collector must not fall on one of the builds alone; for small files it would take longer than all their loads.
                if (isLarge || round % 20 == 0) GC.Collect();
                times[build].Add(builds[build].Time(model));
            }
        }
        return times;
    }

    private static string Compared(List<(double Load, double Fuse)>[] times, Func<(double Load, double Fuse), double> part)
    {
        var (old, now) = (times[0].Select(part).Order().ToArray(), times[1].Select(part).Order().ToArray());
        var middle = old.Length / 2;
        return string.Create(CultureInfo.InvariantCulture, $"least {old[0],7:F3} -> {now[0],7:F3} ms ({now[0] / old[0]:F3})  "
            + $"median {old[middle],7:F3} -> {now[middle],7:F3} ms ({now[middle] / old[middle]:F3})");
    }

    /// <summary>One build's loading and fusing.</summary>
    private sealed class Loader
    {
        private readonly MethodInfo _load, _fuse;

        public Loader(string tool)
        {
            var library = new OtherBuild(tool).Library("Caliper");
            _load = library.GetType("Caliper.FloatModel")!.GetMethods()
                .Single(m => m.Name == "Load" && m.GetParameters()[0].ParameterType == typeof(string));
            _fuse = library.GetType("Caliper.Quantization")!.GetMethod("Fuse")!;
        }

        public (double Load, double Fuse) Time(string path)
        {
            var start = Stopwatch.GetTimestamp();
            using var model = (IDisposable)_load.Invoke(null, [path, null])!;
            var loaded = Stopwatch.GetTimestamp();
            using var fused = (IDisposable)_fuse.Invoke(null, [model])!;
            return (Milliseconds(start, loaded), Milliseconds(loaded, Stopwatch.GetTimestamp()));
        }

        private static double Milliseconds(long start, long end) => Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;
    }
}
