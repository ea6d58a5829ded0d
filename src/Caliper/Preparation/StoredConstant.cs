using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>A constant in a form in which the converted network stores it. Equal ones are stored once.</summary>
/// <param name="Initializer">The float constant it is made of.</param>
/// <param name="Form">What it is stored as.</param>
/// <param name="Owner">The layer whose scale it has, for a bias; else empty.</param>
/// <param name="Bytes">Its size, scales and zero points included.</param>
internal sealed record StoredConstant(string Initializer, ElementType Form, string Owner, long Bytes)
{
    private const int BytesPerFloat = sizeof(float), BytesPerSum = sizeof(int), BytesPerScale = sizeof(float) + sizeof(byte);

    /// <summary>A layer's constants before conversion: those that hold float32 values along an axis. A lone bound or factor is no weight.</summary>
    public static IEnumerable<StoredConstant> InFloat(Graph graph, Layer layer) =>
        layer.Nodes.SelectMany(n => n.Reads()).Distinct().Where(i => graph.Constant(i) is { Type: ElementType.Float32, Shape.Rank: > 0 })
            .Select(i => new StoredConstant(i, ElementType.Float32, "", graph.Constant(i)!.Shape.ElementCount * BytesPerFloat));

    /// <summary>The same constants after conversion.</summary>
    public static IEnumerable<StoredConstant> Converted(PreparedModel prepared, LayerPlan plan) =>
        InFloat(prepared.Fused.Model.Graph, plan.Layer).Select(constant => plan.HasIntegers ? Converted(prepared, plan, constant) : constant);

    private static StoredConstant Converted(PreparedModel prepared, LayerPlan plan, StoredConstant constant)
    {
        var (node, elements) = (plan.Layer.Operation, constant.Bytes / BytesPerFloat);
        if (prepared.WeightParameters.TryGetValue((constant.Initializer, plan.Layer.Name), out var parameters))
        {
            var scales = parameters.Axis is null ? 1 : parameters.Scales.Length;
            return constant with { Form = parameters.Type.Storage, Bytes = elements + scales * BytesPerScale };
        }
        // A bias is added to the int32 sums; its scale is the product of two others.
        if (plan.Role == OperatorRole.Linear && node.Input(2) == constant.Initializer)
            return constant with { Form = ElementType.Int32, Owner = plan.Layer.Name, Bytes = elements * BytesPerSum };
        // A constant part of a Concat has the scale of the whole.
        return plan.Role == OperatorRole.Join ? constant with { Form = ElementType.Int8, Owner = plan.Layer.Name, Bytes = elements } : constant;
    }
}
