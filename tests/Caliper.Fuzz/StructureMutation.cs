using Caliper.Onnx.Schema;
using Google.Protobuf.Collections;

namespace Caliper.Fuzz;

/// <summary>Changes of what a file says, so that it stays a file: nodes, their inputs, what the graph takes and gives.</summary>
internal static class StructureMutation
{
    private static readonly string[] Operators =
    [
        "Conv", "Gemm", "MatMul", "Add", "Mul", "Relu", "Clip", "Softmax", "MaxPool", "AveragePool", "GlobalAveragePool", "ReduceMean", "ReduceSum",
        "Resize", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Expand", "Gather", "Concat", "Pad",
        "QuantizeLinear", "DequantizeLinear", "BatchNormalization", "LayerNormalization", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear",
        "QLinearConv", "QLinearMatMul", "Cast", "Tile", "ConstantOfShape", "Shape", "Range", "ConvTranspose", "Where", "Dropout", "Constant", "PRelu",
        "If", "Loop", "Scan", "LSTM", "Upsample", "GatherElements", "ReduceMax", "DepthToSpace",
    ];

    /// <summary>One change.</summary>
    public static void Apply(ModelProto model, Random random)
    {
        var graph = model.Graph ??= new GraphProto();
        switch (random.Next(16))
        {
            case < 5 when graph.Node.Count > 0:
                AttributeMutation.Apply(Pick(graph.Node, random), random);
                break;
            case < 8 when graph.Node.Count > 0:
                Inputs(graph, Pick(graph.Node, random), random);
                break;
            case < 12 when graph.Initializer.Count > 0:
                TensorMutation.Apply(Pick(graph.Initializer, random), random);
                break;
            case 12 when graph.Node.Count > 0:
                Node(graph, random);
                break;
            case 13:
                Ends(graph, random);
                break;
            case 14 when model.OpsetImport.Count > 0 && random.Next(3) == 0:
                Pick(model.OpsetImport, random).Version = random.Next(-1, 30);
                break;
            default:
                if (graph.Input.Count > 0) TensorMutation.Apply(Pick(graph.Input, random), random);
                break;
        }
    }

    private static void Inputs(GraphProto graph, NodeProto node, Random random)
    {
        var at = random.Next(Math.Max(1, node.Input.Count));
        switch (random.Next(7))
        {
            case 0 when node.Input.Count > 0: node.Input.RemoveAt(at); break;
            case 1 when node.Input.Count > 0: node.Input[at] = ""; break;
            case 2 when node.Input.Count > 1:
                var other = random.Next(node.Input.Count);
                (node.Input[at], node.Input[other]) = (node.Input[other], node.Input[at]);
                break;
            case 3: node.Input.Add(Value(graph, random)); break;
            case 4 when node.Output.Count > 0: node.Output.Add($"further{random.Next(100)}"); break;
            case 5 when node.Output.Count > 0 && random.Next(3) == 0: node.Output[random.Next(node.Output.Count)] = ""; break;
            default: if (node.Input.Count > 0) node.Input[at] = Value(graph, random); break;
        }
    }

    private static void Node(GraphProto graph, Random random)
    {
        var node = Pick(graph.Node, random);
        switch (random.Next(6))
        {
            case 0: graph.Node.Remove(node); break;
            case 1:
                var copy = node.Clone();
                for (var i = 0; i < copy.Output.Count; i++) copy.Output[i] += "copy";
                graph.Node.Add(copy);
                break;
            case 2: node.Domain = random.Next(2) == 0 ? "com.microsoft" : "ai.onnx.ml"; break;
            case 3: graph.ValueInfo.Add(new ValueInfoProto { Name = Value(graph, random), Type = Pick(graph.Input, random).Type?.Clone() }); break;
            default: node.OpType = Operators[random.Next(Operators.Length)]; break;
        }
    }

    private static void Ends(GraphProto graph, Random random)
    {
        switch (random.Next(4))
        {
            case 0 when graph.Output.Count > 0: Pick(graph.Output, random).Name = Value(graph, random); break;
            case 1: graph.Output.Add(new ValueInfoProto { Name = Value(graph, random) }); break;
            case 2 when graph.Input.Count > 0: Pick(graph.Input, random).Name = Value(graph, random); break;
            default: if (graph.Output.Count > 0) TensorMutation.Apply(Pick(graph.Output, random), random); break;
        }
    }

    private static string Value(GraphProto graph, Random random)
    {
        string[] names = [.. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(i => i.Name), .. graph.Node.SelectMany(n => n.Output)];
        return names.Length == 0 ? "nothing" : names[random.Next(names.Length)];
    }

    /// <summary>Any of them.</summary>
    public static T Pick<T>(RepeatedField<T> items, Random random) => items[random.Next(items.Count)];
}
