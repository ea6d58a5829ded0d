using System.Diagnostics;
using System.Globalization;

namespace Caliper.Fuzz;

/// <summary>Starts children on batches of mutants and watches them: time for each file, memory, and how they end.</summary>
internal sealed class FuzzRun(Mutants mutants, string? folder)
{
    private const int BatchSize = 4000;
    private const long MostMemory = 2L << 30;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostTimeIdle = TimeSpan.FromSeconds(90);

    private readonly SortedDictionary<string, (int Count, int First, string Message)> _findings = new(StringComparer.Ordinal);
    private readonly long[] _passed = new long[3];

    /// <summary>Runs mutants and returns how many findings there were.</summary>
    public int Run(int first, int count)
    {
        for (var next = first; next < first + count;) next = RunChild(next, Math.Min(BatchSize, first + count - next));
        foreach (var (key, (times, index, message)) in _findings) Console.WriteLine($"{times,6} × {key}   first: {index}   {message}");
        Console.WriteLine($"{count} mutants from {first}: {_passed[0]} loaded, {_passed[1]} converted, {_passed[2]} ran in the engine; "
            + $"{_findings.Values.Sum(f => f.Count)} findings of {_findings.Count} kinds");
        return _findings.Count;
    }

    /// <summary>One child; returns the first mutant that is still to do.</summary>
    private int RunChild(int first, int count)
    {
        using var child = Start(first, count);
        var (current, began) = (first - 1, 0L);
        var reader = Task.Run(() =>
        {
            while (child.StandardOutput.ReadLine() is { } line)
            {
                var parts = line.Split('\t');
                if (parts[0] == "begin")
                {
                    Volatile.Write(ref current, int.Parse(parts[1], CultureInfo.InvariantCulture));
                    Interlocked.Increment(ref began);
                }
                else if (parts[0] == "found") Report(int.Parse(parts[1], CultureInfo.InvariantCulture), $"{parts[2]} at {parts[3]}", parts[4]);
                else if (parts[0] == "passed")
                    for (var i = 0; i < 3; i++) _passed[i] += long.Parse(parts[i + 1], CultureInfo.InvariantCulture);
            }
        });
        var killed = Watch(child, () => Interlocked.Read(ref began));
        reader.Wait();
        if (killed is null && child.ExitCode == 0) return first + count;
        if (current >= first) Report(current, killed ?? "crash", $"exit code {child.ExitCode}");
        else Report(first, "no start", $"exit code {child.ExitCode}");
        return Math.Max(current, first) + 1;
    }

    /// <summary>Waits for a child to end, and ends it where a file takes too long, in time of the processor so that a busy machine
    /// does not count, or too much memory. Returns which, or null.</summary>
    private static string? Watch(Process child, Func<long> begun)
    {
        var (file, since, processor) = (-1L, Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (!child.WaitForExit(100))
        {
            try
            {
                child.Refresh();
                if (begun() != file) (file, since, processor) = (begun(), Stopwatch.GetTimestamp(), child.TotalProcessorTime);
                var isSlow = (file > 0 && child.TotalProcessorTime - processor > MostTime) || Stopwatch.GetElapsedTime(since) > MostTimeIdle;
                if (!isSlow && child.WorkingSet64 <= MostMemory) continue;
                child.Kill();
                child.WaitForExit();
                return isSlow ? "hang" : "memory";
            }
            catch (InvalidOperationException)
            {
                // It ended while it was looked at.
            }
        }
        return null;
    }

    private Process Start(int first, int count)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(typeof(FuzzRun).Assembly.Location);
        foreach (var argument in new object[] { "batch", "--seed", mutants.Seed, "--first", first, "--count", count })
            start.ArgumentList.Add(Convert.ToString(argument, CultureInfo.InvariantCulture)!);
        if (mutants.Cases is { } cases) foreach (var argument in new[] { "--cases", cases }) start.ArgumentList.Add(argument);
        // 1.5 GiB for objects; what else the process takes is watched from outside. A dump of each crash would fill the disk.
        start.Environment["DOTNET_GCHeapHardLimit"] = "60000000";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var child = Process.Start(start)!;
        child.ErrorDataReceived += (_, _) => { };
        child.BeginErrorReadLine();
        return child;
    }

    private void Report(int index, string key, string message)
    {
        var isNew = !_findings.TryGetValue(key, out var known);
        _findings[key] = isNew ? (1, index, message) : known with { Count = known.Count + 1 };
        if (!isNew) return;
        Console.WriteLine($"mutant {index}: {key}: {message}");
        if (folder is not null) File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{index}.onnx"), mutants.Make(index));
    }
}
