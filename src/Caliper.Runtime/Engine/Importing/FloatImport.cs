using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

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
            return AddElementwise(graph, node, FloatCall.Of(node.OpType, unary.Function), node.Inputs[unary.Input]);
        }
        if (!node.Inputs.All(i => i.Length == 0 || graph.HasFloats(i)) && !FloatOperators.TakesOtherInputs(node)) return false;
        if (UnaryFunctions.OfTwo(node) is { } two) return AddElementwise(graph, node, FloatCall.Of(node.OpType, two), node.Inputs[0], node.Inputs[1]);
        return FloatOperators.Find(graph, node) is { } found && Import(graph, node, found);
    }

    private static bool AddElementwise(GraphImporter graph, Node node, FloatCall call, params string[] names)
    {
        var output = graph.NewFloats(node.Output);
        graph.Add(ElementwiseOperation.Of(node.Name, call, output, [.. names.Select(graph.Floats)]));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static bool Import(GraphImporter graph, Node node, FloatOperator found)
    {
        Add(graph, node, [.. found.Inputs.Select(i => node.Inputs[i])], found.Kernel);
        return true;
    }

    private static void Add(GraphImporter graph, Node node, string[] names, DenseKernel kernel)
    {
        var isProduct = OperatorCatalogue.ProductOf(node) is not null;
        var output = graph.NewFloats(node.Output);
        graph.Add(new FloatOperation(node.Name, node.OpType, [.. names.Select(n => isProduct ? graph.Factors(n) : graph.Floats(n))], output, kernel));
        graph[node.Output] = new Source.Real(output);
    }
}
