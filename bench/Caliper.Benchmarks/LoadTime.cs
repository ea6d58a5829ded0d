using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace Caliper.Benchmarks;

/// <summary>
/// How long loading and fusing takes, against another build: <c>... -- load OLD/Caliper.Tool.dll NEW/Caliper.Tool.dll MODEL.onnx …</c>. Both
/// builds live in one process and take turns; what is told is the median of the ratios of neighbours.
/// </summary>
internal static class LoadTime
{
    private const int Rounds = 41;

    public static void Print(string old, string current, IEnumerable<string> models)
    {
        var builds = new[] { new Build(old), new Build(current) };
        foreach (var model in models)
        {
            var ratios = new List<(double Load, double Both)>();
            var last = new (double Load, double Fuse)[2];
            for (var round = 0; round < Rounds; round++)
            {
                // Whoever comes first meets what the other left in caches: so they take turns at that, too.
                foreach (var build in round % 2 == 0 ? [0, 1] : new[] { 1, 0 }) last[build] = builds[build].Time(model);
                // The first rounds compile.
                if (round >= 10) ratios.Add((last[1].Load / last[0].Load, (last[1].Load + last[1].Fuse) / (last[0].Load + last[0].Fuse)));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(model)))}/{Path.GetFileName(model),-24} "
                + $"load {Median(ratios.Select(r => r.Load)):F3}  load + fuse {Median(ratios.Select(r => r.Both)):F3}  "
                + $"now {last[1].Load:F2} + {last[1].Fuse:F2} ms"));
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt((Rounds - 10) / 2);

    /// <summary>One build's library, with the libraries that lie beside it.</summary>
    private sealed class Build : AssemblyLoadContext
    {
        private readonly AssemblyDependencyResolver _resolver;
        private readonly MethodInfo _load, _fuse;

        public Build(string tool) : base(tool)
        {
            _resolver = new AssemblyDependencyResolver(Path.GetFullPath(tool));
            var library = LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(tool))!, "Caliper.dll"));
            _load = library.GetType("Caliper.FloatModel")!.GetMethods()
                .Single(m => m.Name == "Load" && m.GetParameters()[0].ParameterType == typeof(string));
            _fuse = library.GetType("Caliper.Quantization")!.GetMethod("Fuse")!;
        }

        public (double Load, double Fuse) Time(string path)
        {
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            using var model = (IDisposable)_load.Invoke(null, [path, null])!;
            var loaded = Stopwatch.GetTimestamp();
            using var fused = (IDisposable)_fuse.Invoke(null, [model])!;
            return (Milliseconds(start, loaded), Milliseconds(loaded, Stopwatch.GetTimestamp()));
        }

        protected override System.Reflection.Assembly? Load(AssemblyName name) =>
            _resolver.ResolveAssemblyToPath(name) is { } path ? LoadFromAssemblyPath(path) : null;

        protected override nint LoadUnmanagedDll(string name) =>
            _resolver.ResolveUnmanagedDllToPath(name) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

        private static double Milliseconds(long start, long end) => Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;
    }
}
