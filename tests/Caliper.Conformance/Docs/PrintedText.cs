using System.Globalization;
using System.Text.RegularExpressions;

namespace Caliper.Conformance.Docs;

/// <summary>Compares what code printed with what a page says it prints.</summary>
internal static partial class PrintedText
{
    /// <summary>A line of its own that stands for any number of lines left out.</summary>
    private const string LeftOut = "…";

    /// <summary>Asserts that they are the same.</summary>
    /// <param name="page">Lines on the page, some perhaps left out.</param>
    /// <param name="printed">What was printed.</param>
    /// <param name="tolerance">Relative tolerance of numbers: float32 sums differ a little from CPU to CPU.</param>
    public static void AssertSame(IReadOnlyList<string> page, string printed, double tolerance)
    {
        var lines = printed.TrimEnd().Split('\n').Select(l => l.TrimEnd()).ToArray();
        var at = 0;
        var mayLeaveOut = false;
        foreach (var expected in page.Select(l => l.TrimEnd()))
        {
            if (expected.Trim() == LeftOut)
            {
                mayLeaveOut = true;
                continue;
            }
            var found = mayLeaveOut ? Array.FindIndex(lines, at, l => IsSame(expected, l, tolerance)) : at;
            Assert.True(found >= 0 && found < lines.Length && IsSame(expected, lines[found], tolerance),
                $"From line {at + 1} on the page says\n{expected}\nbut in all the code printed\n{printed}");
            (at, mayLeaveOut) = (found + 1, false);
        }
        Assert.True(mayLeaveOut || at == lines.Length, $"The code goes on to print\n{string.Join('\n', lines.Skip(at))}");
    }

    private static bool IsSame(string expected, string actual, double tolerance)
    {
        if (tolerance == 0) return expected == actual;
        if (Words(expected) != Words(actual)) return false;
        return Numbers(expected).Zip(Numbers(actual))
            .All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(1, Math.Abs(pair.First)));
    }

    private static string Words(string line) => Spaces().Replace(Number().Replace(line, "#"), " ");

    private static IEnumerable<double> Numbers(string line) =>
        Number().Matches(line).Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][+-]?\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
