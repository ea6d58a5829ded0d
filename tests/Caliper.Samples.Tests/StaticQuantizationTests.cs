using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Caliper.Samples.Tests;

/// <summary>PyTorch's static quantization tutorial in C#, run as its reader runs it.</summary>
public sealed partial class StaticQuantizationTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("caliper-tutorial-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Naive_int8_loses_good_int8_does_not_and_the_observers_show_why_evaluating_calibrates()
    {
        var printed = Run("--output", "glyphs.int8.onnx");
        AssertAccuracies(printed);
        AssertObserversLearned(printed);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "glyphs.int8.onnx")));
    }

    private static void AssertAccuracies(string printed)
    {
        var accuracies = Accuracy().Matches(printed).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(3, accuracies.Length);
        var (asFloat, naive, good) = (accuracies[0], accuracies[1], accuracies[2]);
        Assert.InRange(asFloat, 95, 100);
        Assert.InRange(asFloat - naive, 3, 40);
        Assert.InRange(asFloat - good, -0.5, 0.5);

        var sizes = Size().Matches(printed).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(2, sizes.Length);
        Assert.InRange(sizes[1], 0, sizes[0] / 2.5);
    }

    /// <summary>They have seen nothing before the evaluation that calibrates, and something after it.</summary>
    private static void AssertObserversLearned(string printed)
    {
        var inserted = Between(printed, "After observer insertion", "Calibration done");
        var calibrated = Between(printed, "After calibration", "Convert done");
        Assert.Contains("MinMaxObserver(min_val=inf, max_val=-inf)", inserted, StringComparison.Ordinal);
        Assert.DoesNotContain("inf", calibrated, StringComparison.Ordinal);
        Assert.Contains("MinMaxObserver(min_val=0.0000, max_val=6.0000, scale=0.0472, zero_point=0)", calibrated, StringComparison.Ordinal);
        Assert.Contains(new string('.', 32) + " Acc@1", inserted, StringComparison.Ordinal);
    }

    private string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StaticQuantization.dll"), .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        output.WriteLine(printed);
        Assert.Equal("", errors.Result);
        Assert.Equal(0, process.ExitCode);
        return printed;
    }

    private static string Between(string text, string first, string second)
    {
        var (start, end) = (text.IndexOf(first, StringComparison.Ordinal), text.IndexOf(second, StringComparison.Ordinal));
        Assert.True(start >= 0 && end > start, $"'{first}' comes before '{second}'");
        return text[start..end];
    }

    [GeneratedRegex(@"Evaluation accuracy on 1800 images, (\d+\.\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Accuracy();

    [GeneratedRegex(@"Size \(MB\): (\d+\.\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}
