using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>The one reading of a <c>Constant</c> that holds numbers, in any of its spellings.</summary>
internal static class ConstantNode
{
    /// <summary>Its tensor; null for another node, and for one of text or of a sparse form.</summary>
    public static Tensor? ValueOf(Node node)
    {
        if (!node.Is("Constant") || node.Outputs.Length != 1 || node.Inputs.Length > 0 || node.Attributes.Count != 1) return null;
        return node.Attributes.First() switch
        {
            { Key: "value", Value: AttributeValue.TensorValue v } => v.Value,
            { Key: "value_int", Value: AttributeValue.Int v } => Tensor.Scalar(v.Value),
            { Key: "value_float", Value: AttributeValue.Float v } => Tensor.Scalar(v.Value),
            { Key: "value_ints", Value: AttributeValue.Ints v } => Tensor.Vector(v.Values.ToArray()),
            { Key: "value_floats", Value: AttributeValue.Floats v } => Tensor.Vector(v.Values.ToArray()),
            _ => null,
        };
    }
}
