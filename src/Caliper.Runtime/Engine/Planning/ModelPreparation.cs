using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Onnx;
using Caliper.Onnx.Upgrades;

namespace Caliper.Engine.Planning;

/// <summary>Makes a model static before it is imported: the batch is fixed, shapes are worked out, and what was computed from
/// shapes alone is constant.</summary>
internal static class ModelPreparation
{
    /// <summary>The model with static shapes.</summary>
    public static Model Prepare(Model model, Int8SessionOptions options)
    {
        model = BranchNesting.Apply(model);
        foreach (var name in options.InputShapes.Keys.Where(name => model.Graph.Inputs.All(i => i.Name != name)))
            throw new CaliperException($"The model has no input '{name}' to give a shape to.");
        var inputs = model.Graph.Inputs.Select(i => i with { Shape = Fixed(i, options) }).ToArray();
        var changed = model with
        {
            Graph = model.Graph.With(inputs: [.. inputs],
            outputs: [.. model.Graph.Outputs.Select(o => o with { Shape = null })], intermediates: [])
        };
        var raised = ShapeFolding.Fold(Raise(changed));
        return raised with { Graph = PadFolding.Fold(WithoutBranches(raised.Graph)) };
    }

    /// <summary>The graph without the Ifs whose condition is known, and without those whose branches are short and give the same shapes: both are
    /// computed there, and chosen from. The others stay.</summary>
    /// <param name="graph">Its shapes are worked out.</param>
    private static Graph WithoutBranches(Graph graph)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var (inlined, choices) = BranchInlining.Inline(graph, node => kept.Contains(node.Outputs[0]));
            if (ReferenceEquals(inlined, graph)) return graph;
            var folded = FoldedOrNull(inlined, choices.Count > 0);
            var differing = choices.Where(c => folded is null
                || !(ShapeOf(folded, c.Then) is { Rank: > 0 } shape && ShapeOf(folded, c.Else) == shape)).ToArray();
            if (differing.Length == 0) graph = folded!;
            foreach (var (node, _, _) in differing) kept.Add(node.Outputs[0]);
        }
    }

    /// <summary>Null where nothing can be chosen from what has no common shape.</summary>
    private static Graph? FoldedOrNull(Graph graph, bool hasChoices)
    {
        try
        {
            return ShapeFolding.Fold(graph);
        }
        catch (CaliperException) when (hasChoices)
        {
            return null;
        }
    }

    private static Shape? ShapeOf(Graph graph, string name) => graph.Constant(name)?.Shape ?? graph.Find(name)?.Shape;

    private static Model Raise(Model model) => model.Opsets.ContainsKey("") ? OpsetUpgrade.To(model, OpsetUpgrade.Usual) : model;

    private static Shape Fixed(Value input, Int8SessionOptions options)
    {
        if (options.InputShapes.TryGetValue(input.Name, out var given))
        {
            return given.IsStatic && (input.Shape is not { } said || Fits(given, said)) ? given
                : throw new CaliperException($"The shape {given} does not fit the model's input '{input.Name}' of {input.Shape}.");
        }
        if (input.Shape is not { } shape) throw new CaliperException($"The model's input '{input.Name}' has no shape; give one.");
        if (shape.Rank > 0 && !shape[0].IsKnown) shape = shape.With(0, options.Batch);
        return shape.IsStatic ? shape
            : throw new CaliperException($"The model's input '{input.Name}' has the shape {shape};"
                + " the int8 engine needs every axis but the batch fixed.");
    }

    private static bool Fits(Shape given, Shape said) => given.Rank == said.Rank
        && given.Dimensions.Zip(said.Dimensions, (g, s) => !s.IsKnown || s.Length == g.Length).All(fits => fits);
}
