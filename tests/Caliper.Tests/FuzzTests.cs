using System.Diagnostics;

namespace Caliper.Tests;

/// <summary>A short run of the fuzzer, always over the same files; long ones are
/// <c>Caliper.Fuzz run --count 1000000</c>, <c>methods --count 1000000</c> and <c>files --count 10000</c>.</summary>
public class FuzzTests
{
    [Fact]
    public Task Mutated_files_are_refused_or_run_and_nothing_else() => Finds_nothing("250 mutants", "run", "--seed", "20", "--count", "250");

    [Fact]
    public Task Public_methods_answer_or_tell_what_is_wrong() => Finds_nothing("0 kinds of findings", "methods", "--seed", "1", "--count", "6000");

    [Fact]
    public Task Damaged_files_of_every_kind_are_read_or_refused() => Finds_nothing("0 kinds of findings", "files", "--seed", "1", "--count", "25");

    private static async Task Finds_nothing(string told, params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory.Replace("Caliper.Tests", "Caliper.Fuzz", StringComparison.Ordinal), "Caliper.Fuzz.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in arguments.Prepend(program)) start.ArgumentList.Add(argument);
        using var fuzzer = Process.Start(start)!;
        var output = await fuzzer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await fuzzer.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(fuzzer.ExitCode == 0, output);
        Assert.Contains(told, output, StringComparison.Ordinal);
    }
}
