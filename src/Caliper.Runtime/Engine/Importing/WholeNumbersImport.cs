using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Operators on whole numbers (int64, int32) and truth values: what networks do to tokens, masks and positions. All exact.</summary>
internal static class WholeNumbersImport
{
    /// <summary>Functions of two truth values.</summary>
    public static IReadOnlyDictionary<string, NodeImport> Logic { get; } = new Dictionary<string, NodeImport>
    {
        ["And"] = OfTruths<AndPair>,
        ["Or"] = OfTruths<OrPair>,
        ["Xor"] = OfTruths<XorPair>,
    };

    /// <summary>Comparisons of whole numbers or of floats.</summary>
    public static IReadOnlyDictionary<string, NodeImport> Comparisons { get; } = new Dictionary<string, NodeImport>
    {
        ["Equal"] = Comparison,
        ["Less"] = Comparison,
        ["LessOrEqual"] = Comparison,
        ["Greater"] = Comparison,
        ["GreaterOrEqual"] = Comparison,
    };

    /// <summary>Cast between whole numbers, truth values, floats and bytes.</summary>
    public static bool Cast(GraphImporter graph, Node node)
    {
        var to = (ElementType)node.Int("to", 0);
        if (to is ElementType.Float32 && graph.HasFloats(node.Inputs[0])) return Alias(graph, node);
        if (graph.Whole(node.Inputs[0]) is { } whole)
        {
            if (whole.Type == to) return Alias(graph, node);
            if (whole.Type is ElementType.Boolean && to is ElementType.Float32) return CastTruths(graph, node, whole.Value);
            if (to is ElementType.UInt8 or ElementType.Int8) return CastToBytes(graph, node, whole.Value, to);
            return Add(graph, node, to, KernelOf(whole.Type, to, whole.Value.Count), whole.Value);
        }
        if (graph[node.Inputs[0]] is Source.Integers integers) return CastBytes(graph, node, integers, to);
        if (to is ElementType.UInt8 or ElementType.Int8 && graph.HasFloats(node.Inputs[0]))
            return CastToBytes(graph, node, graph.Floats(node.Inputs[0]), to);
        return graph.HasFloats(node.Inputs[0]) && graph.Floats(node.Inputs[0]) is var floats
            && Add(graph, node, to, KernelOf(ElementType.Float32, to, floats.Count), floats);
    }

    /// <summary>Add, Sub, Mul, Div, Mod, Min and Max of whole numbers.</summary>
    public static bool Arithmetic(GraphImporter graph, Node node)
    {
        if (node.Inputs.Length != 2) return false;
        if (OfBytes(graph, node, isSame: true)) return true;
        if (Pair(graph, node) is not var (a, b, type)) return false;
        if (type is not (ElementType.Int64 or ElementType.Int32)) return false;
        var kernel = type is ElementType.Int64 ? ArithmeticOf<long>(node, a.Shape, b.Shape, graph.ShapeOf(node.Output))
            : ArithmeticOf<int>(node, a.Shape, b.Shape, graph.ShapeOf(node.Output));
        return Add(graph, node, type, kernel, a, b);
    }

    /// <summary>Equal, Less, LessOrEqual, Greater and GreaterOrEqual of whole numbers or of floats.</summary>
    public static bool Comparison(GraphImporter graph, Node node)
    {
        var y = graph.ShapeOf(node.Output);
        if (OfBytes(graph, node, isSame: false)) return true;
        if (Pair(graph, node) is var (a, b, type))
        {
            var kernel = type switch
            {
                ElementType.Int64 => ComparisonOf<long>(node, a.Shape, b.Shape, y),
                ElementType.Int32 => ComparisonOf<int>(node, a.Shape, b.Shape, y),
                _ => ComparisonOf<byte>(node, a.Shape, b.Shape, y),
            };
            return Add(graph, node, ElementType.Boolean, kernel, a, b);
        }
        if (!node.Inputs.All(graph.HasFloats)) return false;
        var (left, right) = (graph.Floats(node.Inputs[0]), graph.Floats(node.Inputs[1]));
        return Add(graph, node, ElementType.Boolean, ComparisonOf<float>(node, left.Shape, right.Shape, y), left, right);
    }

    /// <summary>A function of integers of 8 bits that stand for themselves: that of 32 bits, wrapped around where the result is a byte.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="first">The first input that is such integers, and not a truth value.</param>
    /// <param name="isSame">Whether the result is of their type.</param>
    private static bool OfBytes(GraphImporter graph, Node node, bool isSame, int first = 0)
    {
        string[] bytes = [.. node.Inputs.Skip(first)];
        if (!bytes.Any(i => graph[i] is Source.Integers) || graph.Find(bytes[0])?.Type is not { } type
            || !bytes.All(i => graph.Find(i)?.Type == type)) return false;
        var parts = new Lowering(graph, node);
        var wide = node with { Inputs = [.. node.Inputs.Take(first), .. bytes.Select(parts.Wide)] };
        return isSame ? parts.End(parts.Part("Cast", parts.Of(wide)).With("to", (long)type)) : parts.End(wide);
    }

    private static bool OfTruths<TPair>(GraphImporter graph, Node node) where TPair : struct, IPair<byte, byte, byte> =>
        Pair(graph, node) is (var a, var b, ElementType.Boolean)
        && Add(graph, node, ElementType.Boolean, Broadcasting.Zip<TPair, byte, byte, byte>(a.Shape, b.Shape, graph.ShapeOf(node.Output)), a, b);

    public static bool Not(GraphImporter graph, Node node) => graph.Whole(node.Inputs[0]) is { Type: ElementType.Boolean } x
        && Add(graph, node, ElementType.Boolean, Broadcasting.Map<byte, byte>(q => q == 0 ? (byte)1 : (byte)0, x.Value.Count), x.Value);

    /// <summary>Where of whole numbers, truth values or floats.</summary>
    public static bool Where(GraphImporter graph, Node node)
    {
        if (graph.Whole(node.Inputs[0]) is not { Type: ElementType.Boolean } condition) return false;
        if (OfBytes(graph, node, isSame: true, first: 1)) return true;
        var type = ElementType.Float32;
        EngineValue[] operands;
        if (graph.Whole(node.Inputs[1]) is { } a && graph.Whole(node.Inputs[2]) is { } b && a.Type == b.Type)
            (type, operands) = (a.Type, [a.Value, b.Value]);
        else if (graph.HasFloats(node.Inputs[1]) && graph.HasFloats(node.Inputs[2]))
            operands = [graph.Floats(node.Inputs[1]), graph.Floats(node.Inputs[2])];
        else return false;
        int[] c = condition.Value.Shape, x = operands[0].Shape, z = operands[1].Shape, y = graph.ShapeOf(node.Output);
        var kernel = type switch
        {
            ElementType.Int64 => Broadcasting.Where<long>(c, x, z, y),
            ElementType.Boolean => Broadcasting.Where<byte>(c, x, z, y),
            _ => Broadcasting.Where<int>(c, x, z, y),
        };
        return Add(graph, node, type, kernel, [condition.Value, .. operands]);
    }

    /// <summary>CumSum of whole numbers or floats.</summary>
    public static bool CumSum(GraphImporter graph, Node node)
    {
        var type = graph.Find(node.Inputs[0])?.Type ?? ElementType.Undefined;
        if ((graph.HasFloats(node.Inputs[0]) ? graph.Floats(node.Inputs[0]) : graph.Whole(node.Inputs[0])?.Value) is not { } x) return false;
        var axis = SliceReading.Numbers(graph, node, null, 1) is [var said] ? NodeAxes.At(node, said, x.Shape.Length)
            : throw NodeFault.Of(node, "does not have one axis");
        var (outer, length, inner) = (Sizes.Product(x.Shape.AsSpan(0, axis)), x.Shape[axis], Sizes.Product(x.Shape.AsSpan(axis + 1)));
        var (isExclusive, isReverse) = (node.Int("exclusive", 0) != 0, node.Int("reverse", 0) != 0);
        return Add(graph, node, type, x.Type switch
        {
            EngineType.Int64 => RunningSums.Of<long>(outer, length, inner, isExclusive, isReverse),
            EngineType.Int32 => RunningSums.Of<int>(outer, length, inner, isExclusive, isReverse),
            EngineType.Float => RunningSums.Of<float>(outer, length, inner, isExclusive, isReverse),
            _ => null,
        }, x);
    }

    /// <summary>Gather at places that are fed or computed.</summary>
    public static bool Gather(GraphImporter graph, Node node) =>
        graph.Constant(node.Inputs[1]) is null && graph.Whole(node.Inputs[1]) is { Type: ElementType.Int64 or ElementType.Int32 } indices
        && MovementImport.Move(graph, node, (value, output) =>
            new GatherOperation(node.Name, value, indices.Value, NodeAxes.Of(node, value.Shape.Length, 0), output));

    /// <summary>Two operands of whole numbers or truth values of one type, one of them at least computed; or null.</summary>
    private static (EngineValue A, EngineValue B, ElementType Type)? Pair(GraphImporter graph, Node node) =>
        graph.Whole(node.Inputs[0]) is { } a && graph.Whole(node.Inputs[1]) is { } b && a.Type == b.Type ? (a.Value, b.Value, a.Type) : null;

    private static bool CastBytes(GraphImporter graph, Node node, Source.Integers integers, ElementType to)
    {
        if (to is ElementType.Float32)
        {
            var zero = (byte)(integers.IsSigned ? 128 : 0);
            graph[node.Output] = new Source.Quantized(integers.Value, integers.IsSigned, new ByteScale(1, zero));
            return true;
        }
        var (shift, count) = (integers.IsSigned ? 128 : 0, integers.Value.Count);
        return to switch
        {
            ElementType.Int64 => Add(graph, node, to, Broadcasting.Map<byte, long>(q => q - shift, count), integers.Value),
            ElementType.Int32 => Add(graph, node, to, Broadcasting.Map<byte, int>(q => q - shift, count), integers.Value),
            ElementType.Boolean => Add(graph, node, to, Broadcasting.Map<byte, byte>(q => q == shift ? (byte)0 : (byte)1, count), integers.Value),
            _ => false,
        };
    }

    /// <summary>The lowest byte; int8 is kept with its top bit flipped.</summary>
    private static bool CastToBytes(GraphImporter graph, Node node, EngineValue x, ElementType to)
    {
        var (output, flip) = (graph.NewBytes(node.Output), to is ElementType.Int8 ? 0x80 : 0);
        graph.Add(new FloatOperation(node.Name, node.OpType, [x], output, x.Type switch
        {
            EngineType.Int64 => Broadcasting.Map<long, byte>(n => unchecked((byte)((int)n ^ flip)), x.Count),
            EngineType.Int32 => Broadcasting.Map<int, byte>(n => unchecked((byte)(n ^ flip)), x.Count),
            EngineType.Float => Broadcasting.Map<float, byte>(n => unchecked((byte)((int)n ^ flip)), x.Count),
            _ => Broadcasting.Map<byte, byte>(n => (byte)((n != 0 ? 1 : 0) ^ flip), x.Count),
        }));
        graph[node.Output] = new Source.Integers(output, to is ElementType.Int8);
        return true;
    }

    /// <summary>Truth values are bytes: who quantizes the numbers again reads a table.</summary>
    private static bool CastTruths(GraphImporter graph, Node node, EngineValue truths)
    {
        var output = graph.NewFloats(node.Output);
        var bytes = new ByteOperand(truths, new ByteScale(1, 0));
        graph.Add(new DequantizeOperation(node.Name, bytes, output) { Function = (x => x != 0 ? 1 : 0, "Cast") });
        graph[node.Output] = new Source.Real(output);
        return true;
    }

    private static bool Alias(GraphImporter graph, Node node)
    {
        graph[node.Output] = graph[node.Inputs[0]];
        return true;
    }

    /// <summary>Adds an operation; false where it has no kernel, as for types the engine does not know.</summary>
    public static bool Add(GraphImporter graph, Node node, ElementType type, DenseKernel? kernel, params EngineValue[] inputs)
    {
        if (kernel is null) return false;
        var output = graph.NewWhole(node.Output, type);
        graph.Add(new FloatOperation(node.Name, node.OpType, inputs, output, kernel));
        graph[node.Output] = type is ElementType.Float32 ? new Source.Real(output) : new Source.Whole(output, type);
        return true;
    }

    private static DenseKernel? KernelOf(ElementType from, ElementType to, int count) => (from, to) switch
    {
        (ElementType.Int64, ElementType.Int32) => Broadcasting.Map<long, int>(x => unchecked((int)x), count),
        (ElementType.Int64, ElementType.Float32) => Broadcasting.Map<long, float>(x => x, count),
        (ElementType.Int64, ElementType.Boolean) => Broadcasting.Map<long, byte>(x => x != 0 ? (byte)1 : (byte)0, count),
        (ElementType.Int32, ElementType.Int64) => Broadcasting.Map<int, long>(x => x, count),
        (ElementType.Int32, ElementType.Float32) => IntegerSums.ToFloats(count),
        (ElementType.Int32, ElementType.Boolean) => Broadcasting.Map<int, byte>(x => x != 0 ? (byte)1 : (byte)0, count),
        (ElementType.Boolean, ElementType.Int64) => Broadcasting.Map<byte, long>(x => x != 0 ? 1 : 0, count),
        (ElementType.Boolean, ElementType.Int32) => Broadcasting.Map<byte, int>(x => x != 0 ? 1 : 0, count),
        (ElementType.Float32, ElementType.Int64) => Broadcasting.Map<float, long>(x => (long)x, count),
        (ElementType.Float32, ElementType.Int32) => Broadcasting.Map<float, int>(x => (int)x, count),
        (ElementType.Float32, ElementType.Boolean) => Broadcasting.Map<float, byte>(x => x != 0 ? (byte)1 : (byte)0, count),
        _ => null,
    };

    private static DenseKernel? ArithmeticOf<T>(Node node, int[] a, int[] b, int[] y) where T : unmanaged, System.Numerics.IBinaryInteger<T> =>
        node.OpType switch
        {
            "Add" => Broadcasting.Zip<AddPair<T>, T, T, T>(a, b, y),
            "Sub" => Broadcasting.Zip<SubPair<T>, T, T, T>(a, b, y),
            "Mul" => Broadcasting.Zip<MulPair<T>, T, T, T>(a, b, y),
            "Div" => Broadcasting.Zip<DivPair<T>, T, T, T>(a, b, y),
            "Mod" when node.Int("fmod", 0) != 0 => Broadcasting.Zip<RestPair<T>, T, T, T>(a, b, y),
            "Mod" => Broadcasting.Zip<ModPair<T>, T, T, T>(a, b, y),
            "Min" => Broadcasting.Zip<MinPair<T>, T, T, T>(a, b, y),
            "Max" => Broadcasting.Zip<MaxPair<T>, T, T, T>(a, b, y),
            _ => null,
        };

    private static DenseKernel? ComparisonOf<T>(Node node, int[] a, int[] b, int[] y) where T : unmanaged, System.Numerics.INumber<T> =>
        node.OpType switch
        {
            "Equal" => Broadcasting.Zip<EqualPair<T>, T, T, byte>(a, b, y),
            "Less" => Broadcasting.Zip<LessPair<T>, T, T, byte>(a, b, y),
            "LessOrEqual" => Broadcasting.Zip<LessOrEqualPair<T>, T, T, byte>(a, b, y),
            "Greater" => Broadcasting.Zip<GreaterPair<T>, T, T, byte>(a, b, y),
            "GreaterOrEqual" => Broadcasting.Zip<GreaterOrEqualPair<T>, T, T, byte>(a, b, y),
            _ => null,
        };
}
