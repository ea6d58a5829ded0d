using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
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
            return AddElementwise(graph, node, FloatCall.Of(node.OpType, unary.Function), graph.Floats(node.Inputs[unary.Input]));
        }
        if (!node.Inputs.All(i => i.Length == 0 || graph.HasFloats(i)) && !FloatOperators.TakesOtherInputs(node)) return false;
        if (node.Is("Clip")) return Clip(graph, node);
        if (UnaryFunctions.OfTwo(node) is { } two) return AddElementwise(graph, node, FloatCall.Of(node.OpType, two), OperandsOf(graph, node));
        return PixelImport.TryImport(graph, node) || Matrix(graph, node)
            || FloatOperators.Find(graph, node) is { } found && Import(graph, node, found);
    }

    private static bool AddElementwise(GraphImporter graph, Node node, FloatCall call, params EngineValue[] operands)
    {
        var output = graph.NewFloats(node.Output);
        graph.Add(ElementwiseOperation.Of(node.Name, call, output, operands));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static EngineValue[] OperandsOf(GraphImporter graph, Node node) => node.OpType switch
    {
        "Mul" => [graph.Factors(node.Inputs[0]), graph.Factors(node.Inputs[1])],
        "PRelu" => [graph.Floats(node.Inputs[0]), graph.Slopes(node.Inputs[1])],
        _ => [graph.Floats(node.Inputs[0]), graph.Floats(node.Inputs[1])],
    };

    /// <summary>Clip between numbers that a run computes: the greater of its input and the one, then the lesser of that and the other.</summary>
    private static bool Clip(GraphImporter graph, Node node)
    {
        var value = graph.Floats(node.Inputs[0]);
        foreach (var (input, bound) in new[] { (1, "Max"), (2, "Min") }.Where(b => node.Input(b.Item1).Length > 0))
        {
            var limit = graph.Floats(node.Inputs[input]);
            if (limit.Count != 1) throw GraphImporter.Unsupported(node, "a bound is not one number");
            var call = FloatCall.Of(node.OpType, UnaryFunctions.OfTwo(node with { OpType = bound, Inputs = [node.Inputs[0], node.Inputs[input]] })!);
            var clipped = graph.NewFloats(node.Output);
            graph.Add(ElementwiseOperation.Of(node.Name, call, clipped, value, limit));
            value = clipped;
        }
        graph[node.Output] = new Source.Real(value);
        return true;
    }

    private static bool Import(GraphImporter graph, Node node, FloatOperator found)
    {
        var isProduct = OperatorCatalogue.ProductOf(node) is not null;
        EngineValue[] inputs = [.. found.Inputs.Select(i => isProduct ? graph.Factors(node.Inputs[i]) : graph.Floats(node.Inputs[i]))];
        // Once at load, and not at every run.
        if (found.TransposesSecond) inputs[1] = Transposed(graph, inputs[1]);
        var output = graph.NewFloats(node.Output);
        graph.Add(new FloatOperation(node.Name, node.OpType, inputs, output, found.Kernel));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    /// <summary>A product with a constant matrix, whose columns are packed once.</summary>
    private static bool Matrix(GraphImporter graph, Node node)
    {
        var kind = OperatorCatalogue.ProductOf(node);
        if (kind is not (ProductKind.MatMul or ProductKind.Gemm) || graph.Constant(node.Inputs[0]) is not null) return false;
        var form = kind is ProductKind.Gemm ? GemmForm.Of(node) : new(false, false, 1, 1);
        if (form is not { TransposesA: false, Alpha: 1, Beta: 1 }) return false;
        if (graph.Factors(node.Inputs[1]).Constant is not { Shape.Rank: 2 } weights) return false;
        var (x, output) = (graph.Floats(node.Inputs[0]), graph.NewFloats(node.Output));
        if (x.Shape.Length < 2 || x.Shape[^1] != weights.Shape[form.TransposesB ? 1 : 0].Length || x.Count == 0) return false;
        if (BiasOf(graph, node, output.Shape[^1]) is not { } bias) return false;
        graph.Add(new FloatMatrixOperation(node.Name, x, output, form.TransposesB ? weights : graph.Transposed(weights, [1, 0]), bias));
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    /// <summary>A number for each output; null where rows have their own, or only a run knows.</summary>
    private static float[]? BiasOf(GraphImporter graph, Node node, int outputs)
    {
        if (node.Input(2).Length == 0) return [];
        if (graph.Floats(node.Inputs[2]).Constant is not { } bias) return null;
        ParameterReading.CheckMatrix(graph, node, 2, graph.ShapeOf(node.Output)[0], outputs);
        return bias.Count == 1 ? [.. Enumerable.Repeat(bias.Span<float>()[0], outputs)]
            : bias.Count == outputs && bias.Shape[bias.Shape.Rank - 1].Length == outputs ? bias.Span<float>().ToArray() : null;
    }

    private static EngineValue Transposed(GraphImporter graph, EngineValue matrix)
    {
        var tensor = graph.Transposed(matrix.Constant!, [1, 0]);
        return new EngineValue(matrix.Name, matrix.Type, [matrix.Shape[1], matrix.Shape[0]]) { Constant = tensor };
    }
}
