using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>The standard's tests of the operators that docs/8-operators.md claims for the engine, in the engine: of a folder as
/// <see cref="Onnx.StandardTests"/> reads it.</summary>
public class EngineStandardTests
{
    [Fact]
    public void What_the_page_claims_passes_the_standards_tests_in_every_form()
    {
        var root = Environment.GetEnvironmentVariable("CALIPER_NODE_TESTS") is { Length: > 0 } said ? said : SharedFolder.Path("onnx-node-tests");
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var unexpected = new List<string>();
        foreach (var file in Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (EngineStandardTest.Of(Path.GetDirectoryName(file)!) is not var (outcome, why)) continue;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            var name = Path.GetFileName(Path.GetDirectoryName(file)!);
            if (outcome is "wrong" or "refused") unexpected.Add($"{name}: {outcome}: {why}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", outcomes.Select(o => $"{o.Value} {o.Key}")));
        Assert.NotEmpty(outcomes);
        Assert.True(unexpected.Count == 0, string.Join(Environment.NewLine, unexpected));
    }
}
