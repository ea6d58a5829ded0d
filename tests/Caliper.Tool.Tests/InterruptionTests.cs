using System.Diagnostics;
using System.Text;

namespace Caliper.Tool.Tests;

public sealed class InterruptionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_cancelled_run_leaves_nothing_behind()
    {
        using var interruption = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new Watcher(text =>
        {
            if (text.StartsWith("prepare:", StringComparison.Ordinal)) interruption.Cancel();
        });
        var exitCode = CaliperCommand.Run(
            ["quantize", _sample.Model(), "--data", _sample.Array(64), "-o", _sample["out.onnx"]], output, error, interruption.Token);
        Assert.Equal(130, exitCode);
        Assert.Empty(output.ToString());
        Assert.Contains("caliper: interrupted", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("calibrate:", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_sample.Leftovers("model.onnx", "data.npy"));
    }

    [Fact]
    public async Task Ctrl_C_in_the_middle_of_calibration_ends_the_process_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a signal");
        Assert.SkipWhen(IgnoresInterrupts(), "this process inherited an ignored SIGINT, as a shell's background jobs do, and hands it on");
        using var process = ToolProcess.Start("quantize", _sample.Model(), "--data", _sample.Array(20_000), "-o", _sample["out.onnx"],
            "--batch-size", "1", "--batches", "1000000");
        using var patience = new CancellationTokenSource(Patience);
        var said = new StringBuilder();
        while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            said.AppendLine(line);
            if (!line.StartsWith("prepare:", StringComparison.Ordinal)) continue;
            using var kill = Process.Start("kill", ["-INT", process.Id.ToString()]);
            await kill.WaitForExitAsync(patience.Token);
        }
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 130, $"exit code {process.ExitCode}: {said}");
        Assert.EndsWith("caliper: interrupted; nothing was left half-written.", said.ToString().TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(patience.Token));
        Assert.Empty(_sample.Leftovers("model.onnx", "data.npy"));
    }

    [Theory]
    [InlineData(0, "info")]
    [InlineData(1, "inspect", "missing.onnx")]
    [InlineData(2, "inspect")]
    public async Task A_process_ends_with_the_exit_code(int exitCode, params string[] args)
    {
        using var process = ToolProcess.Start(args);
        using var patience = new CancellationTokenSource(Patience);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Equal(exitCode == 0, output.Length > 0);
        Assert.Equal(exitCode == 0, (await error).Length == 0);
    }

    /// <summary>Whether SIGINT, the signal of number 2, was ignored when this process began: a process that it starts ignores it then, too.</summary>
    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status", Field = "SigIgn:";
        if (!File.Exists(Status)) return false;
        var ignored = File.ReadLines(Status).First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return (Convert.ToUInt64(ignored.Trim(), 16) >> 1 & 1) == 1;
    }
}
