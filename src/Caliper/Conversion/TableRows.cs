using Caliper.Fusion;
using Caliper.Graphs;

namespace Caliper.Conversion;

/// <summary>
/// An embedding in int8: the chosen rows are made float, and multiplied by their own scales, chosen likewise. A DequantizeLinear of the table
/// would make all of it float, at every run or in memory; and none has a scale for each row of what was chosen.
/// </summary>
internal static class TableRows
{
    /// <summary>Writes the layer.</summary>
    public static void Append(IntegerGraph target, Layer layer, QuantizedConstant table)
    {
        var (node, shape) = (layer.Operation, table.Integers.Shape);
        var scales = Tensor.Vector([.. table.Parameters.Scales]).Reshape(new([shape[0], .. shape.Dimensions.Skip(1).Select(_ => Dimension.Of(1))]));
        var (rows, steps, floats) = (Name("rows"), Name("scales"), Name("levels"));
        var indices = target.Float(node.Inputs[1]);
        target.Add(node with { Inputs = [target.Constant(table.Id + "_quantized", table.Integers), indices], Outputs = [rows] });
        target.Add(node with
        {
            Name = target.NewName(node.Name + "_scales"),
            Inputs = [target.Constant(table.Id + "_scale", scales), indices],
            Outputs = [steps],
        });
        target.Add(new Node(floats, "Cast", [rows], [floats]).With("to", (long)ElementType.Float32));
        target.Add(new Node(target.NewName(node.Name + "_Mul"), "Mul", [floats, steps], [layer.Output]));
        target.HasFloat(layer.Output);

        string Name(string part) => target.NewName($"{layer.Output}_{part}");
    }
}
