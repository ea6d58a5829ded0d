using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Importing;

/// <summary>Operators without an integer form run in float32, on dequantized values.</summary>
internal static class FloatImport
{
    /// <summary>Imports a node whose inputs exist as floats and whose operator is known.</summary>
    public static bool TryImport(GraphImporter graph, Node node)
    {
        if (node.Domain is not ("" or "ai.onnx" or "com.microsoft") || node.Outputs.Count(o => o.Length > 0) != 1) return false;
        if (UnaryFunctions.Of(graph, node) is { } unary && graph.HasFloats(node.Inputs[unary.Input]))
        {
            var function = unary.Function;
            Add(graph, node, [node.Inputs[unary.Input]], FloatElementwise.Map(function, Sizes.Product(graph.ShapeOf(node.Output))));
            return true;
        }
        if (!node.Inputs.All(i => i.Length == 0 || graph.HasFloats(i)) && !FloatOperators.TakesOtherInputs(node)) return false;
        return FloatOperators.Find(graph, node) is { } found && Import(graph, node, found);
    }

    private static bool Import(GraphImporter graph, Node node, FloatOperator found)
    {
        Add(graph, node, [.. found.Inputs.Select(i => node.Inputs[i])], found.Kernel);
        return true;
    }

    private static void Add(GraphImporter graph, Node node, string[] names, DenseKernel kernel)
    {
        var output = graph.NewFloats(node.Output);
        graph.Add(new FloatOperation(node.Name, node.OpType, [.. names.Select(graph.Floats)], output, kernel));
        graph[node.Output] = new Source.Real(output);
    }
}
