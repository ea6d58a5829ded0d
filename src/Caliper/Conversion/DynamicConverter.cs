using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>
/// Writes a network whose linear layers round their input by the range it has at the time: DynamicQuantizeLinear, MatMulInteger, and a
/// multiplication by both scales, which ONNX Runtime joins to one operator. As <c>torch.ao.quantization.quantize_dynamic</c>; no data is needed.
/// </summary>
internal static class DynamicConverter
{
    /// <summary>Converts what the plan calls int8: linear layers of constant weights, and embedding tables.</summary>
    /// <param name="prepared">The network and the scales of its weights; its observers need not have seen anything.</param>
    public static QuantizedModel Convert(PreparedModel prepared)
    {
        var source = prepared.Fused.Model;
        var target = new IntegerGraph(source.Graph, v => throw new InvalidOperationException($"'{v}' is float."), v => v);
        var weights = new WeightQuantization(target, prepared.WeightParameters, _ => null);
        var inputs = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var diagnostics = new List<Diagnostic>();
        foreach (var plan in prepared.Plan.Layers)
        {
            var (layer, node) = (plan.Layer, plan.Layer.Operation);
            if (plan.HasInt8Table) TableRows.Append(target, layer, weights.OfConstant(layer, node.Inputs[0]));
            else if (IsDynamic(prepared, plan)) Append(target, layer, weights.OfConstant(layer, node.Inputs[1]), inputs);
            else
            {
                foreach (var kept in layer.Nodes) target.Add(kept);
                if (WhyFloat(plan) is { } reason) diagnostics.Add(reason);
            }
            foreach (var output in layer.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0)) target.HasFloat(output);
        }
        var graph = ShapeInference.Infer(source with { Graph = target.Finish() }).Graph;
        return new QuantizedModel(source with { Graph = graph, ProducerName = "caliper" }, [.. diagnostics], prepared.Fused.Execution);
    }

    /// <summary>Whether a layer multiplies by a constant matrix that is to become int8.</summary>
    private static bool IsDynamic(PreparedModel prepared, LayerPlan plan)
    {
        var (graph, node) = (prepared.Fused.Model.Graph, plan.Layer.Operation);
        return plan.IsInteger && OperatorCatalogue.ProductOf(node) is ProductKind.Gemm or ProductKind.MatMul && graph.Constant(node.Inputs[0]) is null
            && LinearWeights.Of(graph, node) is not null
            && prepared.WeightParameters.TryGetValue((node.Inputs[1], plan.Layer.Name), out var parameters)
            && parameters.ZeroPoints.All(z => z == 0) && parameters.Type.Storage is ElementType.Int8;
    }

    /// <summary>Replaces the operation; bias and activation of the layer stay as they are.</summary>
    private static void Append(IntegerGraph target, Layer layer, QuantizedConstant weight, Dictionary<string, string[]> inputs)
    {
        var node = layer.Operation;
        if (!inputs.TryGetValue(node.Inputs[0], out var input)) inputs[node.Inputs[0]] = input = AppendInput(target, node.Inputs[0]);
        var integers = node.Int("transB", 0) == 0 ? weight.Integers : Transposed(weight.Integers);
        var (sums, floats, steps) = (Name("sums"), Name("floats"), Name("steps"));
        var scale = Tensor.Vector([.. weight.Parameters.Scales]);
        target.Add(new Node(sums, "MatMulInteger", [input[0], target.Constant(weight.Id + "_quantized", integers), input[2]], [sums]));
        target.Add(new Node(floats, "Cast", [sums], [floats]).With("to", (long)ElementType.Float32));
        target.Add(new Node(steps, "Mul", [input[1], target.Constant(weight.Id + "_scale", scale)], [steps]));
        var bias = node.Input(2);
        var product = bias.Length == 0 ? node.Output : Name("product");
        target.Add(new Node(target.NewName(node.Name + "_scaled"), "Mul", [floats, steps], [product]));
        if (bias.Length > 0) target.Add(new Node(target.NewName(node.Name + "_bias"), "Add", [product, bias], [node.Output]));
        foreach (var kept in layer.Nodes.Skip(1)) target.Add(kept);

        string Name(string part) => target.NewName($"{node.Output}_{part}");
    }

    /// <summary>Integers, scale and zero point of a layer's input; layers that read the same share them.</summary>
    private static string[] AppendInput(IntegerGraph target, string value)
    {
        string[] outputs = [.. new[] { "quantized", "scale", "zero_point" }.Select(part => target.NewName($"{value}_{part}"))];
        target.Add(new Node(target.NewName(value + "_DynamicQuantizeLinear"), "DynamicQuantizeLinear", [value], [.. outputs]));
        return outputs;
    }

    private static Tensor Transposed(Tensor matrix)
    {
        var source = matrix.Span<sbyte>();
        var (rows, columns) = ((int)matrix.Shape[0].Length, (int)matrix.Shape[1].Length);
        var result = new sbyte[source.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++) result[column * rows + row] = source[row * columns + column];
        }
        return Tensor.Of(Shape.Of(columns, rows), result);
    }

    /// <summary>What is to be said of a layer with weights that stays float; the plan's own reason where it has one.</summary>
    private static Diagnostic? WhyFloat(LayerPlan plan) => OperatorCatalogue.ProductOf(plan.Layer.Operation) switch
    {
        null => null,
        ProductKind.Convolution or ProductKind.TransposedConvolution when plan.IsInteger => new Diagnostic("dynamic-convolution", plan.Layer.Name,
            "It stays float: a convolution's input is not quantized dynamically.", "Calibrate with --data to make it int8."),
        _ => plan.Diagnostic,
    };
}
