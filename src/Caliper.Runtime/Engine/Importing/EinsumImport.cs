using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>
/// Einsum as products of matrices, from the first input to the last. Axes that are in both factors and needed later are those of the batch;
/// axes that nobody needs later are summed over, by the product where both factors have them.
/// </summary>
internal sealed class EinsumImport
{
    private readonly GraphImporter _graph;
    private readonly Lowering _parts;
    private readonly EinsumForm _form;
    private readonly IReadOnlyDictionary<int, Dimension> _lengths;

    private EinsumImport(GraphImporter graph, Node node)
    {
        (_graph, _parts) = (graph, new Lowering(graph, node));
        Shape[] shapes = [.. node.Inputs.Select(i => Shape.Of([.. graph.ShapeOf(i).Select(l => (long)l)]))];
        _form = EinsumForm.Of(node, [.. shapes.Select(s => s.Rank)]);
        _lengths = _form.Lengths(node, [.. shapes], Graphs.Shapes.DimensionArithmetic.Broadcast);
    }

    /// <summary>A tensor and which axis each of its axes is.</summary>
    private readonly record struct Factor(string Name, int[] Axes);

    public static bool Import(GraphImporter graph, Node node)
    {
        if (!node.Inputs.All(graph.HasFloats)) return false;
        var import = new EinsumImport(graph, node);
        var result = import.Read(node.Inputs[0], 0);
        for (var i = 1; i < node.Inputs.Length; i++) result = import.Product(result, import.Read(node.Inputs[i], i), i);
        long[] order = [.. import._form.Output.Select(axis => (long)Array.IndexOf(result.Axes, axis))];
        return import._parts.End(import._parts.Part("Transpose", result.Name).With("perm", order));
    }

    private long Length(int axis) => _lengths[axis].Length;

    private IEnumerable<long> Lengths(IEnumerable<int> axes) => axes.Select(Length);

    private long Size(IEnumerable<int> axes) => axes.Aggregate(1L, (size, axis) => checked(size * Length(axis)));

    private bool IsNeededAfter(int axis, int input) => _form.Output.Contains(axis) || _form.Terms.Skip(input + 1).Any(t => t.Contains(axis));

    /// <summary>An input, each axis once, and without those that only it has and nobody needs.</summary>
    private Factor Read(string name, int input)
    {
        var axes = _form.Terms[input].ToList();
        for (var at = 0; at < axes.Count; at++)
            while (axes.IndexOf(axes[at], at + 1) is > 0 and var again) name = Diagonal(name, axes, at, again);
        var shape = _graph.ShapeOf(name);
        if (axes.Where((axis, i) => shape[i] != Length(axis)).Any()) name = _parts.Of("Expand", name, _parts.Numbers([.. Lengths(axes)]));
        var others = _form.Terms.Where((_, i) => i != input).ToArray();
        int[] mine = [.. axes.Where(axis => !_form.Output.Contains(axis) && !others.Any(t => t.Contains(axis)))];
        return Summed(new Factor(name, [.. axes]), mine);
    }

    private Factor Summed(Factor factor, int[] over)
    {
        if (over.Length == 0) return factor;
        long[] places = [.. over.Select(axis => (long)Array.IndexOf(factor.Axes, axis))];
        return new(_parts.Of(_parts.Part("ReduceSum", factor.Name, _parts.Numbers(places)).With("keepdims", 0)), [.. factor.Axes.Except(over)]);
    }

    /// <summary>Where two axes are one, the elements at which both are equal.</summary>
    private string Diagonal(string name, List<int> axes, int first, int second)
    {
        var shape = _graph.ShapeOf(name);
        var rest = Enumerable.Range(0, axes.Count).Where(i => i != first && i != second).ToArray();
        var length = (int)Length(axes[first]);
        var turned = _parts.Turned(name, [.. rest.Select(i => (long)i), first, second]);
        var flat = _parts.Reshaped(turned, [.. rest.Select(i => (long)shape[i]), (long)shape[first] * shape[second]]);
        // An axis of length 1 is repeated.
        var step = (shape[first] == 1 ? 0L : shape[second]) + (shape[second] == 1 ? 0L : 1);
        var places = Enumerable.Range(0, length).Select(i => i * step).ToArray();
        var diagonal = _parts.Of(_parts.Part("Gather", flat, _parts.Numbers(places)).With("axis", rest.Length));
        var axis = axes[first];
        int[] left = [.. rest.Select(i => axes[i])];
        axes.Clear();
        axes.AddRange([.. left, axis]);
        return diagonal;
    }

    private Factor Product(Factor a, Factor b, int input)
    {
        int[] both = [.. a.Axes.Intersect(b.Axes)];
        int[] batch = [.. both.Where(axis => IsNeededAfter(axis, input))], inner = [.. both.Except(batch)];
        int[] rows = [.. a.Axes.Except(both)], columns = [.. b.Axes.Except(both)];
        var left = _parts.Turned(a.Name, Order(a, batch, rows, inner));
        var right = _parts.Turned(b.Name, Order(b, batch, inner, columns));
        var (batchSize, rowSize, innerSize, columnSize) = (Size(batch), Size(rows), Size(inner), Size(columns));
        left = _parts.Reshaped(left, batchSize, rowSize, innerSize);
        right = _parts.Reshaped(right, batchSize, innerSize, columnSize);
        var product = _parts.Of(inner.Length == 0 ? "Mul" : "MatMul", left, right);
        int[] axes = [.. batch, .. rows, .. columns];
        return new(_parts.Reshaped(product, [.. Lengths(axes)]), axes);
    }

    private static long[] Order(Factor factor, params ReadOnlySpan<int[]> groups)
    {
        var order = new List<long>();
        foreach (var group in groups) order.AddRange(group.Select(axis => (long)Array.IndexOf(factor.Axes, axis)));
        return [.. order];
    }
}
