using System.Diagnostics;
using System.Globalization;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Benchmarks;

/// <summary>
/// What a new shape costs the engine: a network with free axes is run on random lengths, each twice. The first run of a shape makes its plan,
/// the second does not; the difference is the plan. Memory is that of the process after the first shape and after the last.
/// </summary>
internal static class PlanCost
{
    private const int Seed = 1;

    /// <summary>Prints the table.</summary>
    /// <param name="path">An int8 network.</param>
    /// <param name="count">How many shapes.</param>
    /// <param name="lengths">What a free axis is at least and at most: <c>32-640</c>.</param>
    public static void Print(string path, int count, string lengths)
    {
        int[] bounds = [.. lengths.Split('-').Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
        var model = OnnxFile.Read(path);
        using var session = (CaliperSession)CaliperBackend.Instance.Load(model, new ExecutionOptions { Threads = 1 });
        var random = new Random(Seed);
        var (plans, runs, seen) = (new List<double>(), new List<double>(), new HashSet<int>());
        long first = 0;
        for (var i = 0; i < count; i++)
        {
            var length = random.Next(bounds[0], bounds[1] + 1);
            var inputs = model.Graph.Inputs.ToDictionary(v => v.Name, v => Fed(v, length, random), StringComparer.Ordinal);
            var isNew = seen.Add(length);
            var (planned, ran) = (Milliseconds(session, inputs), Milliseconds(session, inputs));
            if (isNew) plans.Add(planned - ran);
            runs.Add(ran);
            if (i == 0) first = Memory();
        }
        var later = plans.Skip(1).Order().ToArray();
        // By then the compiler has done its work, and much of the code that sizes need is there.
        var last = plans.Skip(plans.Count / 2).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {count} shapes, {seen.Count} of them different; lengths {lengths}
            plan: first {plans[0]:F1} ms; later: median {At(later, 0.5):F2}, 95 % {At(later, 0.95):F2}, most {At(later, 1):F2} ms
            the later half of them: median {At(last, 0.5):F2}, 95 % {At(last, 0.95):F2}, most {At(last, 1):F2} ms
            run: median {At([.. runs.Order()], 0.5):F2} ms
            memory: {first >> 20} MB after the first, {Memory() >> 20} MB after the last ({(double)Memory() / first:F2} times)
            of it {session.SharedBytes / 1048576.0:F1} MB are shared by all plans, {session.KeptBytes / 1048576.0:F1} MB those that are kept;
            managed: {GC.GetTotalMemory(true) / 1048576.0:F1} MB
            """));
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * share)];

    private static double Milliseconds(CaliperSession session, Dictionary<string, Tensor> inputs)
    {
        var start = Stopwatch.GetTimestamp();
        session.Run(inputs).Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static long Memory()
    {
        // What is held, and not what the collector may still use.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static Tensor Fed(Value input, int length, Random random)
    {
        // The first axis is the batch, of which there is one.
        var shape = Shape.Of([.. input.Shape!.Value.Dimensions.Select((d, axis) => d.IsKnown ? d.Length : axis == 0 ? 1 : length)]);
        var count = (int)shape.ElementCount;
        return input.Type switch
        {
            ElementType.Int64 => Tensor.Of(shape, Enumerable.Range(0, count).Select(_ => 1L).ToArray()),
            _ => Tensor.Of(shape, Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1).ToArray()),
        };
    }
}
