using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Pools and resizing on bytes.</summary>
internal static class PoolImport
{
    /// <summary>A MaxPool that also says where its elements lie.</summary>
    public static bool MaxWithPlaces(GraphImporter graph, Node node)
    {
        if (node.Outputs.Skip(1).All(o => o.Length == 0) || node.Output.Length == 0 || !graph.HasFloats(node.Inputs[0])) return false;
        if (graph.Floats(node.Inputs[0]) is not { Shape: { Length: 3 or 4 } shape } x || node.Ints("kernel_shape") is not { } kernel) return false;
        return new Lowering(graph, node).End(node with { Outputs = [node.Output] })
            && WholeNumbersImport.Add(graph, node with { Outputs = [node.Outputs[1]] }, ElementType.Int64, WindowPlaces.Of(shape,
                graph.ShapeOf(node.Output), WindowReading.Of(graph, node, shape, kernel), node.Int("storage_order", 0) != 0), x);
    }

    /// <summary>MaxPool selects: it keeps the scale, whoever quantizes after it.</summary>
    public static bool Max(GraphImporter graph, Node node)
    {
        if (MovementImport.BytesOf(graph[node.Inputs[0]]) is not { Shape.Length: 3 or 4 } value) return false;
        if (node.Outputs.Length > 1 && node.Outputs[1].Length > 0) throw GraphImporter.Unsupported(node, "it also returns indices");
        if (node.Ints("kernel_shape") is not { } kernel) return false;
        var output = graph.NewBytes(node.Output);
        graph.Add(new MaxPoolOperation(node.Name, value, output, WindowReading.Of(graph, node, value.Shape, kernel)));
        graph[node.Output] = MovementImport.WithValue(graph[node.Inputs[0]], output);
        return true;
    }

    /// <summary>AveragePool between DequantizeLinear and QuantizeLinear.</summary>
    public static bool Average(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized { Value.Shape.Length: 3 or 4 } source
            || Targets.After(graph, node) is not { } target) return false;
        AddAverage(graph, node, source.Operand, target);
        return true;
    }

    /// <summary>ONNX Runtime's QLinearAveragePool.</summary>
    public static bool QLinearAverage(GraphImporter graph, Node node)
    {
        RefuseChannelsLast(node);
        AddAverage(graph, node, LinearImport.IntegerOperand(graph, node, 0), Targets.Own(graph, node, 3, 4));
        return true;
    }

    /// <summary>GlobalAveragePool, or ReduceMean over all spatial axes, after DequantizeLinear; what is not quantized again becomes float
    /// from the sums.</summary>
    public static bool GlobalAverage(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized { Value.Shape.Length: 3 or 4 } source) return false;
        if (node.Is("ReduceMean") && !IsSpatialMean(graph, node, source.Value.Shape.Length)) return false;
        AddGlobalAverage(graph, node, source.Operand, Targets.After(graph, node));
        return true;
    }

    /// <summary>ONNX Runtime's QLinearGlobalAveragePool.</summary>
    public static bool QLinearGlobalAverage(GraphImporter graph, Node node)
    {
        RefuseChannelsLast(node);
        AddGlobalAverage(graph, node, LinearImport.IntegerOperand(graph, node, 0), Targets.Own(graph, node, 3, 4));
        return true;
    }

    private static void AddGlobalAverage(GraphImporter graph, Node node, ByteOperand input, Target? target)
    {
        var output = Targets.DeclareOrFloats(graph, node, target);
        // A mean without keepdims has no spatial axes; the kernel writes N×C either way.
        var whole = new EngineValue(output.Name, output.Type, [.. input.Value.Shape.Select((l, axis) => axis < 2 ? l : 1)]);
        var isSame = whole.Shape.AsSpan().SequenceEqual(output.Shape);
        graph.Add(new GlobalAverageOperation(node.Name, input, isSame ? output : whole, target?.Scale, target?.Range ?? ByteRange.Full));
        if (!isSame) graph.Add(new ReshapeOperation(node.Name, whole, output));
    }

    private static void AddAverage(GraphImporter graph, Node node, ByteOperand input, Target target)
    {
        if (node.Ints("kernel_shape") is not { } kernel || input.Value.Shape.Length is not (3 or 4))
            throw GraphImporter.Unsupported(node, "it has no kernel_shape, or three spatial axes");
        var window = WindowReading.Of(graph, node, input.Value.Shape, kernel);
        graph.Add(new AveragePoolOperation(node.Name, input, Targets.Declare(graph, target), window, node.Int("count_include_pad", 0) != 0));
    }

    private static bool IsSpatialMean(GraphImporter graph, Node node, int rank)
    {
        var said = node.Input(1).Length > 0 && graph.Constant(node.Inputs[1]) is null ? null : SliceReading.Numbers(graph, node, "axes", 1);
        return said is not null && NodeAxes.Reduced(node, said, rank).Select((reduced, axis) => reduced == axis >= 2).All(same => same);
    }

    private static void RefuseChannelsLast(Node node)
    {
        if (node.Int("channels_last", 0) != 0) throw GraphImporter.Unsupported(node, "its tensors are channels-last");
    }
}
