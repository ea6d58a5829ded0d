using System.Collections.Frozen;

namespace Caliper.Graphs.Shapes;

/// <summary>Which rule tells the shapes of which operator.</summary>
internal static class RuleTable
{
    private static readonly FrozenDictionary<string, ShapeRule> Standard = Join(
        ElementwiseRules.All, WindowRules.All, MatrixRules.All, LayoutRules.All, IndexingRules.All, ReductionRules.All,
        ResizingRules.All, ConstantRules.All, QuantizationRules.Standard, RecurrentRules.All);

    // The quantized operators that ONNX Runtime adds to the standard's.
    private static readonly FrozenDictionary<string, ShapeRule> Microsoft = Join(QuantizationRules.Microsoft);

    /// <summary>The standard's operators that have a rule.</summary>
    public static IEnumerable<string> Operators => Standard.Keys.Order(StringComparer.Ordinal);

    /// <summary>ONNX Runtime's operators (domain com.microsoft) that have a rule.</summary>
    public static IEnumerable<string> MicrosoftOperators => Microsoft.Keys.Order(StringComparer.Ordinal);

    /// <summary>The rule for a node, or null where its operator is not known.</summary>
    public static ShapeRule? Find(Node node) => node.Domain switch
    {
        "" => Standard.GetValueOrDefault(node.OpType),
        "com.microsoft" => Microsoft.GetValueOrDefault(node.OpType),
        _ => null,
    };

    /// <summary>One rule for several operators.</summary>
    public static IEnumerable<KeyValuePair<string, ShapeRule>> For(ShapeRule rule, params string[] operators) =>
        operators.Select(o => KeyValuePair.Create(o, rule));

    private static FrozenDictionary<string, ShapeRule> Join(params IEnumerable<KeyValuePair<string, ShapeRule>>[] families) =>
        families.SelectMany(f => f).ToFrozenDictionary(StringComparer.Ordinal);
}
