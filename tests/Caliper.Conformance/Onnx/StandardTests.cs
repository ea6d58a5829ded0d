using Caliper.Testing;

namespace Caliper.Conformance.Onnx;

/// <summary>All tests of operators in a folder of the ONNX standard's: those beside the checkout, or, where the environment names one in
/// <c>CALIPER_NODE_TESTS</c>, <c>onnx/backend/test/data/node</c> of a release, or several such folders.</summary>
public class StandardTests
{
    [Fact]
    public void What_is_read_gives_the_same_outputs_at_each_stage()
    {
        var root = Environment.GetEnvironmentVariable("CALIPER_NODE_TESTS") is { Length: > 0 } said ? said : SharedFolder.Path("onnx-node-tests");
        var wrong = new List<string>();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var folder = Path.GetDirectoryName(file)!;
            var (outcome, why) = StandardTest.Of(folder);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (outcome == "wrong") wrong.Add($"{Path.GetRelativePath(root, folder)}: {why}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", outcomes.Select(o => $"{o.Value} {o.Key}")));
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.NotEmpty(outcomes);
    }
}
