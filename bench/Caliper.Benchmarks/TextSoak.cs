using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Benchmarks;

/// <summary>
/// Texts of random length for as long as one wishes: threads of one model take them from a queue, evenly over the time, and what each gets is
/// compared with what one thread alone had got of the same text before. Memory is printed on the way.
/// </summary>
internal static class TextSoak
{
    private const int Seed = 1, Words = 1000, Lines = 12;

    /// <summary>Prints the table; the count of wrong answers is the exit code.</summary>
    /// <param name="path">An int8 network of tokens.</param>
    /// <param name="count">How many texts.</param>
    /// <param name="lengths">Of how many tokens at least and at most: <c>1-256</c>.</param>
    /// <param name="threads">How many threads run the model at once; each forward pass takes one.</param>
    /// <param name="minutes">How long the texts are to take.</param>
    public static int Print(string path, int count, string lengths, int threads, int minutes)
    {
        int[] bounds = [.. lengths.Split('-').Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
        using var model = QuantizedModel.Load(path, new ExecutionOptions { Threads = 1 });
        var expected = Enumerable.Range(0, count).Select(text => Answer(model, TextOf(model, text, bounds))).ToArray();
        Console.WriteLine($"{count} texts of {lengths} tokens, {expected.Distinct().Count()} different answers");
        var (queue, watch) = (new ConcurrentQueue<int>(Enumerable.Range(0, count)), Stopwatch.StartNew());
        var (wrong, failed) = (0, 0);
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Work)).ToArray();
        foreach (var worker in workers) worker.Start();
        for (var line = 0; line <= Lines; line++)
        {
            var due = TimeSpan.FromMinutes((double)minutes * line / Lines) - watch.Elapsed;
            if (due > TimeSpan.Zero) Thread.Sleep(due);
            if (line == Lines) foreach (var worker in workers) worker.Join();
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{watch.Elapsed.TotalMinutes,5:F1} min: {count - queue.Count}, {wrong} wrong, {failed} failed, {process.WorkingSet64 >> 20} MB"));
        }
        return wrong + failed;

        void Work()
        {
            while (queue.TryDequeue(out var text))
            {
                // Texts lie evenly over the time, those of all threads together.
                var due = TimeSpan.FromMinutes((double)minutes * text / count) - watch.Elapsed;
                if (due > TimeSpan.Zero) Thread.Sleep(due);
                try
                {
                    if (Answer(model, TextOf(model, text, bounds)) != expected[text]) Interlocked.Increment(ref wrong);
                }
                catch (CaliperException error)
                {
                    Interlocked.Increment(ref failed);
                    Console.WriteLine(error.Message);
                }
            }
        }
    }

    private static string Answer(QuantizedModel model, Dictionary<string, Tensor> text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, output) in model.Run(text).OrderBy(o => o.Key, StringComparer.Ordinal)) hash.AppendData(output.Bytes.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static Dictionary<string, Tensor> TextOf(QuantizedModel model, int text, int[] bounds)
    {
        var random = new Random(Seed + text);
        var length = random.Next(bounds[0], bounds[1] + 1);
        return model.Inputs.ToDictionary(i => i.Name, i => Tensor.Of(Shape.Of(1, length),
            Enumerable.Range(0, length).Select(_ => i.Name.Contains("mask") ? 1L : i.Name.Contains("type") ? 0 : random.Next(Words)).ToArray()));
    }
}
