using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Powers and reductions of whole numbers and truth values. All exact.</summary>
internal static class WholeReductionsImport
{
    /// <summary>Pow where a base or an exponent is whole; the result is of the base's type.</summary>
    public static bool Power(GraphImporter graph, Node node)
    {
        var parts = new Lowering(graph, node);
        var (a, b) = (graph.Whole(node.Inputs[0]), graph.Whole(node.Inputs[1]));
        if (a is null) return b is not null && graph.HasFloats(node.Inputs[0])
            && parts.End(parts.Part("Pow", node.Inputs[0], parts.Floats(node.Inputs[1])));
        if (b is null && !graph.HasFloats(node.Inputs[1]) || a.Type is not (ElementType.Int64 or ElementType.Int32)) return false;
        if (b is not null && b.Type != a.Type) b = graph.Whole(parts.Of(parts.Part("Cast", node.Inputs[1]).With("to", (long)a.Type)));
        var (exponent, y) = (b?.Value ?? graph.Floats(node.Inputs[1]), graph.ShapeOf(node.Output));
        return WholeNumbersImport.Add(graph, node, a.Type, (a.Type, b) switch
        {
            (ElementType.Int64, null) => Broadcasting.Zip<RealPowerPair<long>, long, float, long>(a.Value.Shape, exponent.Shape, y),
            (ElementType.Int64, _) => Broadcasting.Zip<PowerPair<long>, long, long, long>(a.Value.Shape, exponent.Shape, y),
            (_, null) => Broadcasting.Zip<RealPowerPair<int>, int, float, int>(a.Value.Shape, exponent.Shape, y),
            _ => Broadcasting.Zip<PowerPair<int>, int, int, int>(a.Value.Shape, exponent.Shape, y),
        }, a.Value, exponent);
    }

    /// <summary>ReduceMax, ReduceMin and ReduceSum; truth values have no sum.</summary>
    public static bool Reduce(GraphImporter graph, Node node)
    {
        if (graph.Whole(node.Inputs[0]) is not { Value: var x, Type: var type }) return false;
        bool[] axes = [.. NodeAxes.Reduced(node, SliceReading.Numbers(graph, node, "axes", 1), x.Shape.Length)];
        if (!axes.Contains(true) && axes.Length > 0) return MovementImport.Identity(graph, node with { Inputs = [node.Inputs[0]] });
        return WholeNumbersImport.Add(graph, node, type, (node.OpType, type) switch
        {
            ("ReduceMax", ElementType.Int64) => WholeReductions.Of<MaxPair<long>, long>(x.Shape, axes, long.MinValue),
            ("ReduceMax", ElementType.Int32) => WholeReductions.Of<MaxPair<int>, int>(x.Shape, axes, int.MinValue),
            ("ReduceMax", _) => WholeReductions.Of<OrPair, byte>(x.Shape, axes, 0),
            ("ReduceMin", ElementType.Int64) => WholeReductions.Of<MinPair<long>, long>(x.Shape, axes, long.MaxValue),
            ("ReduceMin", ElementType.Int32) => WholeReductions.Of<MinPair<int>, int>(x.Shape, axes, int.MaxValue),
            ("ReduceMin", _) => WholeReductions.Of<AndPair, byte>(x.Shape, axes, 1),
            (_, ElementType.Int64) => WholeReductions.Of<AddPair<long>, long>(x.Shape, axes, 0),
            (_, ElementType.Int32) => WholeReductions.Of<AddPair<int>, int>(x.Shape, axes, 0),
            _ => null,
        }, x);
    }
}
