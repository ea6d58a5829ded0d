namespace Caliper.Fuzz;

/// <summary>What a child process does: mutant after mutant, telling on standard output which one it begins, so that its parent
/// knows which one killed it.</summary>
internal static class FuzzBatch
{
    public static void Run(Mutants mutants, int first, int count)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        for (var index = first; index < first + count; index++)
        {
            output.WriteLine($"begin\t{index}");
            if (Pipeline.Try(mutants.Make(index), index) is { } finding)
                output.WriteLine($"found\t{index}\t{finding.Kind}\t{finding.Place}\t{finding.Message.Replace('\t', ' ')}");
        }
        output.WriteLine($"passed\t{Pipeline.Loaded}\t{Pipeline.Converted}\t{Pipeline.Ran}");
    }
}
