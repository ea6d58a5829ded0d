using System.Diagnostics;

namespace Caliper.Tests;

/// <summary>A short run of the fuzzer, always over the same files; a long one is <c>Caliper.Fuzz run --count 1000000</c>.</summary>
public class FuzzTests
{
    [Fact]
    public async Task Mutated_files_are_refused_or_run_and_nothing_else()
    {
        var program = Path.Combine(AppContext.BaseDirectory.Replace("Caliper.Tests", "Caliper.Fuzz", StringComparison.Ordinal), "Caliper.Fuzz.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { program, "run", "--seed", "20", "--count", "250" }) start.ArgumentList.Add(argument);
        using var fuzzer = Process.Start(start)!;
        var told = await fuzzer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await fuzzer.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(fuzzer.ExitCode == 0, told);
        Assert.Contains("250 mutants", told, StringComparison.Ordinal);
    }
}
