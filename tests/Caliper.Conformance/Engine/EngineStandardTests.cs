using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>The standard's tests of the operators that docs/8-operators.md claims for the engine, in the engine: of a folder as
/// <see cref="Onnx.StandardTests"/> reads it.</summary>
public class EngineStandardTests
{
    /// <summary>Forms of operators that the engine refuses in one sentence, though it has the operator. What is not among them passes.</summary>
    private static readonly string[] NotYet =
    [
        "test_pow_types_", "test_mod_", "test_convtranspose_3d", "test_maxpool_with_argmax_2d_", "test_quantizelinear_axis",
        "test_quantizelinear_blocked_", "test_dequantizelinear_blocked", "test_dynamicquantizelinear_", "test_clip_default_int8_",
        "test_reduce_max_bool_inputs", "test_reduce_min_bool_inputs",
    ];

    [Fact]
    public void What_the_page_claims_passes_the_standards_tests_but_for_the_forms_that_are_listed()
    {
        var root = Environment.GetEnvironmentVariable("CALIPER_NODE_TESTS") is { Length: > 0 } said ? said : SharedFolder.Path("onnx-node-tests");
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var unexpected = new List<string>();
        foreach (var file in Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (EngineStandardTest.Of(Path.GetDirectoryName(file)!) is not var (outcome, why)) continue;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            var name = Path.GetFileName(Path.GetDirectoryName(file)!);
            if (outcome is "wrong" || (outcome is "refused" && !NotYet.Any(n => name.StartsWith(n, StringComparison.Ordinal))))
                unexpected.Add($"{name}: {outcome}: {why}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", outcomes.Select(o => $"{o.Value} {o.Key}")));
        Assert.NotEmpty(outcomes);
        Assert.True(unexpected.Count == 0, string.Join(Environment.NewLine, unexpected));
    }
}
