using System.Diagnostics;
using Caliper.Calibration;

namespace Caliper.Tool.Tests;

/// <summary>A calibration that is killed, as by the system when memory is short, goes on where its last save was.</summary>
public sealed class KilledCalibrationTests : IDisposable
{
    private const int Samples = 1500;
    // More where the environment says so; then there is more data, too, so that there is something left to kill.
    private static readonly int _kills = int.TryParse(Environment.GetEnvironmentVariable("CALIPER_KILLS"), out var kills) ? kills : 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public async Task Killed_again_and_again_it_ends_with_the_bytes_of_one_that_never_was()
    {
        var token = TestContext.Current.CancellationToken;
        var samples = Samples * Math.Max(1, _kills / 12);
        var (model, data) = (_sample.Model(), _sample.Array(samples));
        string[] calibrate = ["calibrate", model, "--data", data, "--batch-size", "2", "--batches", "100000", "--no-progress"];
        Assert.Equal(0, ToolRun.Of([.. calibrate, "-o", _sample["whole.calib"]]).ExitCode);
        var whole = await File.ReadAllBytesAsync(_sample["whole.calib"], token);

        var random = new Random(20);
        var output = _sample["killed.calib"];
        var (seen, resumed) = (0, 0);
        for (var kill = 0; kill < _kills; kill++)
        {
            using var process = ToolProcess.Start([.. calibrate, "--resume", "--save-every", "0.001", "-o", output]);
            // From the first save on, at any moment: while it reads, observes, writes or renames.
            await SaveAsync(process, output, seen, token);
            await Task.Delay(random.Next(60), token);
            process.Kill();
            await process.WaitForExitAsync(token);
            if (!File.Exists(output)) continue;
            // What is there is whole, and never less than before.
            var count = CalibrationStatistics.Load(output).Samples.Count;
            Assert.InRange(count, seen, samples);
            if (count > seen && seen > 0) resumed++;
            seen = count;
        }
        Assert.True(resumed > 0, "no run was killed after it had gone on where another ended");
        var last = ToolRun.Of([.. calibrate, "--resume", "-o", output]);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(whole, await File.ReadAllBytesAsync(output, token));
        Assert.Empty(_sample.Leftovers("model.onnx", "data.npy", "whole.calib", "killed.calib"));
    }

    /// <summary>Waits until the file is another one than before, or the process has ended.</summary>
    private static async Task SaveAsync(Process process, string path, int seen, CancellationToken cancellationToken)
    {
        var written = seen == 0 ? default : File.GetLastWriteTimeUtc(path);
        var started = Stopwatch.GetTimestamp();
        while (!process.HasExited && !(File.Exists(path) && File.GetLastWriteTimeUtc(path) != written))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "nothing was saved");
            await Task.Delay(5, cancellationToken);
        }
    }
}
