using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>
/// Layers that select, move, cut off or join values do so on the integers themselves, with no conversion around them: input
/// and output have the same scale and zero point.
/// </summary>
internal static class IntegerMovement
{
    public static void Append(IntegerGraph target, LayerPlan plan)
    {
        var layer = plan.Layer;
        var node = layer.Operation;
        if (ActivationRange.IsCut(node))
        {
            var integers = target.Integer(node.Inputs[0]);
            target.HasInteger(layer.Output, Activation.Clip(target, node, integers, layer.Output) ?? integers);
            return;
        }
        var moved = node with
        {
            Inputs = plan.Role == OperatorRole.Join ? [.. node.Inputs.Select(input => Part(target, layer.Output, input))]
                : node.Inputs.SetItem(0, target.Integer(node.Inputs[0])),
            Outputs = [.. node.Outputs.Select(output => output.Length == 0 ? "" : Declare(target, output))],
        };
        target.Add(node.Is("Pad") ? PadWithZero(target, moved, layer.Output) : moved);
    }

    /// <summary>A part of a Concat; a constant one takes the scale of the whole.</summary>
    private static string Part(IntegerGraph target, string whole, string part)
    {
        if (target.Source.Constant(part) is not { } constant) return target.Integer(part);
        FiniteConstant.Check(target.Source, part, whole);
        return target.Constant(part + "_quantized", Numerics.Quantizer.Quantize(constant, target.ParametersOf(whole)));
    }

    private static string Declare(IntegerGraph target, string output)
    {
        var name = target.NewName(output + "_quantized");
        target.HasInteger(output, name);
        return name;
    }

    /// <summary>The integer that stands for 0 is the zero point.</summary>
    private static Node PadWithZero(IntegerGraph target, Node pad, string output)
    {
        if (pad.Text("mode", "constant") != "constant") return pad;
        var zero = target.ScaleAndZeroPoint(output)[1];
        return pad with { Inputs = [pad.Inputs[0], pad.Inputs[1], zero, .. pad.Inputs.Skip(3)] };
    }
}
