using System.Diagnostics;
using System.Globalization;

namespace Caliper.Benchmarks;

/// <summary>
/// How long a run takes, against another build: <c>... -- runs OLD/Caliper.Tool.dll NEW/Caliper.Tool.dll THREADS BATCH INT8.onnx …</c>, for
/// networks of one float input and output. Both builds live in one process and take turns, a few milliseconds each, so that what the clock and
/// the neighbours do falls on both. What is told is the median of the ratios of turns that follow each other, and each build's least time.
/// </summary>
internal static class RunTime
{
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(2), Time = TimeSpan.FromSeconds(8), Turn = TimeSpan.FromMilliseconds(10);

    private delegate void Run(ReadOnlySpan<float> input, Span<float> output);

    public static void Print(string old, string current, int threads, int batch, IEnumerable<string> models)
    {
        var builds = new[] { new OtherBuild(old), new OtherBuild(current) };
        foreach (var model in models)
        {
            var sessions = builds.Select(b => Session(b, model, threads, batch)).ToArray();
            try
            {
                var runs = sessions.Select(RunsOf).ToArray();
                Turns(runs, Warmup);
                var times = Turns(runs, Time);
                var ratios = times[0].Zip(times[1], (o, n) => n / o).Order().ToArray();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(model),-28} least {times[0].Min(),8:F4} -> "
                    + $"{times[1].Min(),8:F4} ms ({times[1].Min() / times[0].Min():F3})  median of ratios {ratios[ratios.Length / 2]:F3}"));
            }
            finally
            {
                foreach (var session in sessions) ((IDisposable)session).Dispose();
            }
        }
    }

    /// <summary>Milliseconds a run of each build, turn by turn.</summary>
    private static List<double>[] Turns(Action[] runs, TimeSpan time)
    {
        List<double>[] times = [[], []];
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; Stopwatch.GetElapsedTime(start) < time; round++)
        {
            // Whoever comes first meets what the other left in caches: so they take turns at that, too.
            foreach (var build in round % 2 == 0 ? [0, 1] : new[] { 1, 0 })
            {
                runs[build]();
                var (begin, count) = (Stopwatch.GetTimestamp(), 0);
                do
                {
                    runs[build]();
                    count++;
                }
                while (Stopwatch.GetElapsedTime(begin) < Turn);
                times[build].Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds / count);
            }
        }
        return times;
    }

    private static object Session(OtherBuild build, string model, int threads, int batch)
    {
        var library = build.Library("Caliper.Runtime");
        var optionsType = library.GetType("Caliper.Int8SessionOptions")!;
        var options = Activator.CreateInstance(optionsType)!;
        optionsType.GetProperty("Threads")!.SetValue(options, threads);
        optionsType.GetProperty("Batch")!.SetValue(options, batch);
        return library.GetType("Caliper.Int8Session")!.GetMethod("Load", [typeof(string), optionsType])!.Invoke(null, [model, options])!;
    }

    private static Action RunsOf(object session)
    {
        var run = session.GetType().GetMethod("Run", [typeof(ReadOnlySpan<float>), typeof(Span<float>)])!.CreateDelegate<Run>(session);
        var random = new Random(1);
        var (input, output) = (new float[LengthOf(session, "Inputs")], new float[LengthOf(session, "Outputs")]);
        for (var i = 0; i < input.Length; i++) input[i] = random.NextSingle() * 2 - 1;
        return () => run(input, output);
    }

    private static long LengthOf(object session, string which)
    {
        var values = (System.Collections.IEnumerable)session.GetType().GetProperty(which)!.GetValue(session)!;
        var value = values.Cast<object>().Single();
        var shape = value.GetType().GetProperty("Shape")!.GetValue(value)!;
        return (long)shape.GetType().GetProperty("ElementCount")!.GetValue(shape)!;
    }
}
