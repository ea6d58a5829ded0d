using System.Text;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Reporting;

/// <summary>Prints layers as PyTorch prints modules: indented by module path, each with its arguments and output shape.</summary>
internal static class ModulePrinter
{
    /// <param name="title">The first line's text.</param>
    /// <param name="graph">Where the layers' weights and shapes are.</param>
    /// <param name="before">Lines above the first layer.</param>
    /// <param name="layers">The layers, in execution order.</param>
    /// <param name="notes">Lines to put under a layer.</param>
    public static string Print(string title, Graph graph, IEnumerable<string> before, IEnumerable<Layer> layers,
        Func<Layer, IEnumerable<string>> notes) => Print(title, before, layers.Select(layer => new PrintedModule(layer.Name, layer.Kind,
            ArgumentsOf(layer.Operation, OperatorCatalogue.ProductOf(layer.Operation), graph.Constant(layer.Operation.Input(1))),
            graph.Find(layer.Output)?.Shape, notes(layer))));

    /// <param name="title">The first line's text.</param>
    /// <param name="before">Lines above the first module.</param>
    /// <param name="modules">The modules, in execution order.</param>
    public static string Print(string title, IEnumerable<string> before, IEnumerable<PrintedModule> modules)
    {
        var text = new StringBuilder(title).Append("(\n");
        foreach (var line in before) text.Append("  ").Append(line).Append('\n');
        string[] open = [];
        foreach (var module in modules)
        {
            var path = module.Name.Split('.');
            var shared = path.Zip(open).TakeWhile(p => p.First == p.Second).Count();
            shared = Math.Min(shared, path.Length - 1);
            for (var depth = shared; depth < path.Length - 1; depth++) Indent(text, depth).Append($"({path[depth]}):\n");
            open = path[..^1];
            Indent(text, open.Length).Append($"({path[^1]}): {module.Kind}({module.Arguments})");
            if (module.Shape is { } shape) text.Append(" -> ").Append(shape);
            text.Append('\n');
            foreach (var note in module.Notes) Indent(text, open.Length + 1).Append(note).Append('\n');
        }
        return text.Append(')').ToString();
    }

    private static StringBuilder Indent(StringBuilder text, int depth) => text.Append(' ', 2 + (2 * depth));

    /// <summary>What PyTorch names of a module: channels or features, and the window.</summary>
    public static string ArgumentsOf(Node node, ProductKind? product, Tensor? constant)
    {
        if (constant is not { Shape.Rank: >= 2 } weights) return Window(node);
        var group = node.Int("group", 1);
        var (first, second) = (weights.Shape[0].Length, weights.Shape[1].Length);
        return product switch
        {
            ProductKind.Convolution => $"{second * group}, {first}, {Window(node)}{Groups(group)}",
            ProductKind.TransposedConvolution => $"{first}, {second * group}, {Window(node)}{Groups(group)}",
            ProductKind.Gemm when node.Int("transB", 0) != 0 => $"in_features={second}, out_features={first}",
            ProductKind.Gemm or ProductKind.MatMul => $"in_features={first}, out_features={second}",
            _ => "",
        };
    }

    private static string Groups(long group) => group == 1 ? "" : $", groups={group}";

    private static string Window(Node node)
    {
        var parts = new List<string>();
        if (node.Ints("kernel_shape") is { } kernel) parts.Add($"kernel_size=({string.Join(", ", kernel)})");
        if (node.Ints("strides") is { } strides) parts.Add($"stride=({string.Join(", ", strides)})");
        // ONNX lists the paddings of all axes' beginnings, then of their ends; PyTorch names them once where they are equal.
        if (node.Ints("pads") is { } pads && pads.Any(p => p != 0))
        {
            var (begins, ends) = (pads[..(pads.Length / 2)], pads[(pads.Length / 2)..]);
            parts.Add($"padding=({string.Join(", ", begins.SequenceEqual(ends) ? begins : pads)})");
        }
        if (node.Ints("dilations") is { } dilations && dilations.Any(d => d != 1)) parts.Add($"dilation=({string.Join(", ", dilations)})");
        return string.Join(", ", parts);
    }
}
