using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Operators that find places in tensors, or use them: GatherND, ScatterND, ArgMax, ArgMin and TopK.</summary>
internal static class PlacesImport
{
    /// <summary>The rows of these operators.</summary>
    public static IReadOnlyDictionary<string, NodeImport> All { get; } = new Dictionary<string, NodeImport>
    {
        ["GatherND"] = GatherNd,
        ["ScatterND"] = ScatterNd,
        ["ArgMax"] = Arg,
        ["ArgMin"] = Arg,
        ["TopK"] = TopK,
    };

    public static bool GatherNd(GraphImporter graph, Node node)
    {
        if (graph.Whole(node.Inputs[1]) is not { Type: ElementType.Int64, Value: var indices }) return false;
        return MovementImport.Move(graph, node, (value, output) => new FloatOperation(node.Name, node.OpType, [value, indices], output,
            PlacesOf(graph, node, value, indices, checked((int)node.Int("batch_dims", 0))).Gather()));
    }

    public static bool ScatterNd(GraphImporter graph, Node node)
    {
        if (graph.Whole(node.Inputs[1]) is not { Type: ElementType.Int64, Value: var indices }) return false;
        var type = ElementType.Float32;
        EngineValue data, updates;
        if (graph.Whole(node.Inputs[0]) is { } a && graph.Whole(node.Inputs[2]) is { } b && a.Type == b.Type)
            (type, data, updates) = (a.Type, a.Value, b.Value);
        else if (graph.HasFloats(node.Inputs[0]) && graph.HasFloats(node.Inputs[2]))
            (data, updates) = (graph.Floats(node.Inputs[0]), graph.Floats(node.Inputs[2]));
        else return false;
        var places = PlacesOf(graph, node, data, indices, 0);
        int[] wanted = [.. indices.Shape[..^1], .. data.Shape[indices.Shape[^1]..]];
        if (!updates.Shape.AsSpan().SequenceEqual(wanted))
            throw GraphImporter.Unsupported(node, $"its updates are {Sizes.Text(updates.Shape)} where they must be {Sizes.Text(wanted)}");
        var output = graph.NewWhole(node.Output, type);
        graph.Add(new FloatOperation(node.Name, node.OpType, [data, indices, updates], output, ScatterOf(node, places, type)));
        graph[node.Output] = type is ElementType.Float32 ? new Source.Real(output) : new Source.Whole(output, type);
        return true;
    }

    private static DenseKernel ScatterOf(Node node, Places places, ElementType type) => (node.Text("reduction", "none"), type) switch
    {
        ("none", _) => places.Scatter(),
        (var joined, ElementType.Float32) => places.Scatter(JoinOf<float>(node, joined)),
        (var joined, ElementType.Int64) => places.Scatter(JoinOf<long>(node, joined)),
        (var joined, ElementType.Int32) => places.Scatter(JoinOf<int>(node, joined)),
        _ => throw GraphImporter.Unsupported(node, "it joins truth values"),
    };

    private static Func<T, T, T> JoinOf<T>(Node node, string joined) where T : System.Numerics.INumber<T> => joined switch
    {
        "add" => (a, b) => unchecked(a + b),
        "mul" => (a, b) => unchecked(a * b),
        "max" => T.Max,
        "min" => T.Min,
        _ => throw NodeFault.Of(node, $"has the reduction '{joined}'"),
    };

    public static bool Arg(GraphImporter graph, Node node)
    {
        if (Numbers(graph, node.Inputs[0]) is not { } x) return false;
        var axis = NodeAxes.Of(node, x.Shape.Length, 0);
        if (x.Shape[axis] == 0) throw GraphImporter.Unsupported(node, "its axis has no elements");
        AddIndices(graph, node, node.Output, x, SelectionOf(x, axis, node.OpType == "ArgMax").Arg(node.Int("select_last_index", 0) != 0));
        return true;
    }

    public static bool TopK(GraphImporter graph, Node node)
    {
        if (Numbers(graph, node.Inputs[0]) is not { } x) return false;
        var axis = NodeAxes.Of(node, x.Shape.Length, -1);
        var named = node.Output.Length > 0 ? node.Output : node.Outputs[1];
        var count = graph.ShapeOf(named)[axis];
        if (count > x.Shape[axis]) throw GraphImporter.Unsupported(node, $"it takes {count} elements of an axis of {x.Shape[axis]}");
        var selection = SelectionOf(x, axis, node.Int("largest", 1) != 0);
        var name = node.Outputs.Length > 1 && node.Outputs[1].Length > 0 ? node.Outputs[1] : null;
        var places = AddIndices(graph, node, name ?? node.Output, x, selection.Indices(count));
        if (node.Output.Length == 0) return true;
        var type = graph.Whole(node.Inputs[0])?.Type ?? ElementType.Float32;
        var values = graph.NewWhole(node.Output, type);
        graph.Add(new FloatOperation(node.Name, node.OpType, [x, places], values, selection.Values(count)));
        graph[node.Output] = type is ElementType.Float32 ? new Source.Real(values) : new Source.Whole(values, type);
        return true;
    }

    private static EngineValue AddIndices(GraphImporter graph, Node node, string name, EngineValue x, DenseKernel kernel)
    {
        var output = graph.NewWhole(name, ElementType.Int64);
        graph.Add(new FloatOperation(node.Name, node.OpType, [x], output, kernel));
        graph[name] = new Source.Whole(output, ElementType.Int64);
        return output;
    }

    /// <summary>Floats, or whole numbers of 32 or 64 bits.</summary>
    private static EngineValue? Numbers(GraphImporter graph, string name) => graph.HasFloats(name) ? graph.Floats(name)
        : graph.Whole(name) is { Type: ElementType.Int64 or ElementType.Int32 } whole ? whole.Value : null;

    private static ISelection SelectionOf(EngineValue x, int axis, bool largest)
    {
        var (outer, length, inner) = (Sizes.Product(x.Shape.AsSpan(0, axis)), x.Shape[axis], Sizes.Product(x.Shape.AsSpan(axis + 1)));
        return x.Type switch
        {
            EngineType.Int64 => new Selection<long>(outer, length, inner, largest),
            EngineType.Int32 => new Selection<int>(outer, length, inner, largest),
            _ => new Selection<float>(outer, length, inner, largest),
        };
    }

    private static Places PlacesOf(GraphImporter graph, Node node, EngineValue data, EngineValue indices, int batchAxes)
    {
        var rank = indices.Shape.Length;
        if (rank == 0 || batchAxes < 0 || batchAxes >= rank || batchAxes + indices.Shape[^1] > data.Shape.Length
            || !data.Shape.AsSpan(0, batchAxes).SequenceEqual(indices.Shape.AsSpan(0, batchAxes)))
            throw GraphImporter.Unsupported(node, $"its indices of {Sizes.Text(indices.Shape)} do not fit a tensor of {Sizes.Text(data.Shape)}");
        var axes = data.Shape[batchAxes..(batchAxes + indices.Shape[^1])];
        return new Places(node.Name, Sizes.Product(data.Shape.AsSpan(0, batchAxes)), axes,
            Sizes.Product(indices.Shape.AsSpan(batchAxes, rank - 1 - batchAxes)),
            (long)Sizes.Product(data.Shape.AsSpan(batchAxes + axes.Length)) * data.ElementSize,
            graph.Constant(node.Inputs[1]) is { Type: ElementType.Int64 } known ? known.Span<long>().ToArray() : null);
    }
}
