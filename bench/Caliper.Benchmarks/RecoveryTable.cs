using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Caliper.Benchmarks;

/// <summary>
/// What recovery is worth on trained networks, as a table in Markdown: <c>... -- recovery Caliper.Tool.dll ZOO [SECONDS]</c>. The command
/// itself is run, in a process of its own, on each folder of <c>ZOO</c> with a <c>model.onnx</c>, a <c>calibration.npz</c> and a
/// <c>test.npz</c>: with <c>--fast</c>, as it is, and where a budget is given <c>tune</c>. Decibels are those of the worst output on the test
/// data; times are of a forward pass on one thread.
/// </summary>
internal static class RecoveryTable
{
    public static void Print(string tool, string zoo, string? budget)
    {
        string[] columns = ["network", "target", "`--fast`", "default", "8 bits", "16 bits", "float", "int8", "search", "memory"];
        if (budget is not null) columns = [.. columns, "tuned", "int8"];
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        var targets = TargetsOf(Path.Combine(zoo, "targets.csv"));
        var folders = Directory.EnumerateDirectories(zoo).Where(f => File.Exists(Path.Combine(f, "model.onnx")));
        foreach (var folder in folders.Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            var (fast, full) = (Run(tool, folder, "quantize", "--fast"), Run(tool, folder, "quantize"));
            var row = $"| {name} | {targets.GetValueOrDefault(name, "")} | {Quality(fast)} | **{Quality(full)}** | {Shares(full)} | {Times(full)} |";
            if (budget is not null)
            {
                var tuned = Run(tool, folder, "tune", "--budget", budget);
                row += $" {Quality(tuned)} | {Milliseconds(tuned, "int8")} |";
            }
            Console.WriteLine(row);
        }
    }

    private static Dictionary<string, string> TargetsOf(string file) => File.Exists(file)
        ? File.ReadLines(file).Skip(1).Select(l => l.Split(',')).ToDictionary(c => c[0], c => c[3] + " dB", StringComparer.Ordinal) : [];

    private static JsonElement? Run(string tool, string folder, string command, params string[] options)
    {
        var output = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");
        var start = new ProcessStartInfo("dotnet",
        [
            tool, command, Path.Combine(folder, "model.onnx"), "--data", Path.Combine(folder, "calibration.npz"), "--test-data",
            Path.Combine(folder, "test.npz"), "-o", output, "--threads", "1", "--no-progress", "--format", "json", .. options,
        ])
        { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var json = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        File.Delete(output);
        return process.ExitCode == 0 ? JsonDocument.Parse(json).RootElement : null;
    }

    private static string Quality(JsonElement? report) => report is not { } json ? "fails"
        : Number(json.GetProperty("sqnrDecibels").EnumerateObject().Min(DecibelsOf), "F1") + " dB";

    /// <summary>No noise at all is no number in JSON.</summary>
    private static double DecibelsOf(JsonProperty output) => output.Value.ValueKind is JsonValueKind.Number ? output.Value.GetDouble() : 200;

    private static string Shares(JsonElement? report)
    {
        if (report is not { } json || !json.TryGetProperty("search", out var search)) return "– | –";
        var chosen = search.GetProperty("chosen");
        var (wide, floats) = (chosen.GetProperty("wideShare").GetDouble(), chosen.GetProperty("floatShare").GetDouble());
        return $"{Number(100 * Math.Max(0, 1 - wide - floats), "F0")} % | {Number(100 * wide, "F0")} %";
    }

    private static string Times(JsonElement? report) => report is not { } json ? "– | – | – | –"
        : $"{Milliseconds(report, "float")} | {Milliseconds(report, "int8")} | {Seconds(json)} | "
            + $"{json.GetProperty("peakMemoryBytes").GetInt64() / 1_000_000} MB";

    private static string Seconds(JsonElement json) =>
        json.GetProperty("stages").TryGetProperty("search", out var search) ? Number(search.GetDouble(), "F0") + " s" : "–";

    private static string Milliseconds(JsonElement? report, string side) => report is not { } json ? "–"
        : Number(json.GetProperty("latencyMilliseconds").GetProperty(side).GetDouble(), "G3") + " ms";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
