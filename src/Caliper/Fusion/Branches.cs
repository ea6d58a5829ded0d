using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Onnx.Upgrades;

namespace Caliper.Fusion;

/// <summary>Opens the branches of Ifs, so that the layers in them are layers like all others; what is decided before data comes is
/// decided.</summary>
internal static class Branches
{
    /// <summary>The same network, its Ifs opened and its constants computed anew.</summary>
    public static Model Open(Model model, ExecutionOptions options)
    {
        // What is in a branch may make the condition of an If after it constant.
        while (true)
        {
            var opened = Opened(model, options);
            if (ReferenceEquals(opened, model)) return model;
            model = opened;
        }
    }

    private static Model Opened(Model model, ExecutionOptions options)
    {
        var graph = BranchFlattening.Choose(BranchFlattening.Apply(model.Graph));
        if (ReferenceEquals(graph, model.Graph)) return model;
        try
        {
            return ShapeInference.Infer(ConstantFolding.Apply(model with { Graph = graph }, options));
        }
        catch (CaliperException)
        {
            // A branch that is never taken may hold what can never be computed; then the Ifs stay as they are.
            return model;
        }
    }
}
