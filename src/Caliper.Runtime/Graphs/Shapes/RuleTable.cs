using System.Collections.Frozen;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Which rule tells the shapes of which operator.</summary>
internal static class RuleTable
{
    private static readonly FrozenDictionary<string, ShapeRule> Standard = Join(
        ElementwiseRules.All, WindowRules.All, MatrixRules.All, LayoutRules.All, IndexingRules.All, ReductionRules.All,
        ResizingRules.All, ConstantRules.All, QuantizationRules.Standard, RecurrentRules.All, TransformRules.All);

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
        _ when Conditional.Is(node) => OfBranches,
        _ => null,
    };

    /// <summary>An If gives what either branch gives; its shape is known where both agree.</summary>
    private static void OfBranches(NodeInference node)
    {
        var count = node.Node.Outputs.Length;
        for (var i = 0; i < count; i++)
        {
            var (then, otherwise) = (node.Shape(1 + i), node.Shape(1 + count + i));
            var shape = then is { } one && otherwise is { } other && one.Rank == other.Rank
                ? new Shape([.. one.Dimensions.Zip(other.Dimensions, (a, b) => a == b ? a : Dimension.Unknown)]) : then == otherwise ? then : null;
            node.Set(i, node.Type(1 + i) is not ElementType.Undefined and var type ? type : node.Type(1 + count + i), shape);
        }
    }

    /// <summary>One rule for several operators.</summary>
    public static IEnumerable<KeyValuePair<string, ShapeRule>> For(ShapeRule rule, params string[] operators) =>
        operators.Select(o => KeyValuePair.Create(o, rule));

    private static FrozenDictionary<string, ShapeRule> Join(params IEnumerable<KeyValuePair<string, ShapeRule>>[] families) =>
        families.SelectMany(f => f).ToFrozenDictionary(StringComparer.Ordinal);
}
