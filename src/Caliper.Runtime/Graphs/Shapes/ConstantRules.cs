using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Caliper.Graphs.Shapes;

/// <summary>Constants, and integer arithmetic on shapes.</summary>
internal static class ConstantRules
{
    /// <summary>Comparisons of two numbers.</summary>
    public static FrozenDictionary<string, Func<long, long, bool>> Comparisons { get; } = new Dictionary<string, Func<long, long, bool>>
    {
        ["Equal"] = (a, b) => a == b,
        ["Less"] = (a, b) => a < b,
        ["LessOrEqual"] = (a, b) => a <= b,
        ["Greater"] = (a, b) => a > b,
        ["GreaterOrEqual"] = (a, b) => a >= b,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Functions of two truth values.</summary>
    public static FrozenDictionary<string, Func<bool, bool, bool>> Logic { get; } = new Dictionary<string, Func<bool, bool, bool>>
    {
        ["And"] = (a, b) => a && b,
        ["Or"] = (a, b) => a || b,
        ["Xor"] = (a, b) => a != b,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(Constant, "Constant"),
        .. RuleTable.For(ConstantOfShape, "ConstantOfShape"),
        .. RuleTable.For(Range, "Range"),
        .. RuleTable.For(ShapeOf, "Shape"),
        .. RuleTable.For(Size, "Size"),
        .. RuleTable.For(RandomOfShape, "RandomNormal", "RandomUniform"),
    ];

    /// <summary>Adds, subtracts, multiplies, divides or compares known integers; false where the node does something else.</summary>
    public static bool TryCompute(NodeInference node)
    {
        if (node.Node.Inputs.Length != 2 || node.Ints(0) is not { } left || node.Ints(1) is not { } right) return false;
        var (a, b) = (left.Elements.Length, right.Elements.Length);
        if (left.Shape != right.Shape && a != 1 && b != 1) return false;
        var results = Enumerable.Range(0, a == 1 ? b : a)
            .Select(i => Compute(node.Node.OpType, left.Elements[a == 1 ? 0 : i], right.Elements[b == 1 ? 0 : i]));
        node.SetInts(0, Comparisons.ContainsKey(node.Node.OpType) ? ElementType.Boolean : node.Type(0),
            new Ints(DimensionArithmetic.Broadcast(left.Shape, right.Shape)!.Value, [.. results]));
        return true;
    }

    private static IntValue Compute(string opType, IntValue left, IntValue right) => (opType, left.Number, right.Number) switch
    {
        ("Add", { } a, { } b) => new(checked(a + b)),
        ("Sub", { } a, { } b) => new(checked(a - b)),
        ("Mul", { } a, { } b) => new(checked(a * b)),
        ("Div", { } a, { } b) when b != 0 => new(checked(a / b)),
        ("Max", { } a, { } b) => new(Math.Max(a, b)),
        ("Min", { } a, { } b) => new(Math.Min(a, b)),
        (_, { } a, { } b) when Comparisons.TryGetValue(opType, out var holds) => Truth(holds(a, b)),
        (_, { } a, { } b) when Logic.TryGetValue(opType, out var holds) => Truth(holds(a != 0, b != 0)),
        ("Add" or "Sub", null, 0) or ("Mul" or "Div", null, 1) => left,
        ("Add", 0, null) or ("Mul", 1, null) => right,
        _ => IntValue.Unknown,
    };

    private static IntValue Truth(bool isTrue) => new(isTrue ? 1 : 0);

    private static void Constant(NodeInference node)
    {
        if (node.Node.Attributes.GetValueOrDefault("value") is AttributeValue.TensorValue { Value: var tensor })
        {
            if (Ints.Of(tensor) is { } ints) node.SetInts(0, tensor.Type, ints);
            else node.Set(0, tensor.Type, tensor.Shape);
        }
        else if (node.Node.Attributes.GetValueOrDefault("value_int") is AttributeValue.Int number)
        {
            node.SetInts(0, ElementType.Int64, Ints.Scalar(new IntValue(number.Value)));
        }
        else if (node.Node.Ints("value_ints") is { } numbers) node.SetInts(0, ElementType.Int64, Ints.Vector(numbers));
        else if (node.Node.Attributes.ContainsKey("value_float")) node.Set(0, ElementType.Float32, Shape.Scalar);
        else if (node.Node.Attributes.GetValueOrDefault("value_floats") is AttributeValue.Floats floats)
            node.Set(0, ElementType.Float32, Shape.Of(floats.Values.Length));
    }

    private static void ConstantOfShape(NodeInference node)
    {
        var value = (node.Node.Attributes.GetValueOrDefault("value") as AttributeValue.TensorValue)?.Value;
        var type = value?.Type ?? ElementType.Float32;
        var shape = ShapeFrom(node, 0);
        var fill = value is null ? null : Ints.Of(value);
        if (fill is { Elements: [var element] } && shape is { IsStatic: true } known && Ints.AreFew(known.ElementCount))
            node.SetInts(0, type, new Ints(known, [.. Enumerable.Repeat(element, (int)known.ElementCount)]));
        else node.Set(0, type, shape);
    }

    /// <summary>The shape that an input of integers describes; where only their number is known, so many unknown axes.</summary>
    public static Shape? ShapeFrom(NodeInference node, int input)
    {
        if (node.Ints(input) is { } ints)
        {
            if (ints.Elements.Any(e => e.Number < 0)) throw node.Bad("makes a tensor with a negative dimension");
            return ints.ToShape();
        }
        return node.Shape(input) is { Rank: 1 } count && count[0] is { IsKnown: true, Length: <= 64 } axes
            ? new Shape([.. Enumerable.Repeat(Dimension.Unknown, (int)axes.Length)])
            : null;
    }

    private static void Range(NodeInference node)
    {
        node.Set(0, node.Type(0), new Shape([Dimension.Unknown]));
        if (node.Ints(0)?.Numbers is not [var start] || node.Ints(1)?.Numbers is not [var limit]) return;
        if (node.Ints(2)?.Numbers is not [var step]) return;
        if (step == 0) throw node.Bad("has step 0");
        var distance = checked(limit - start);
        var count = Math.Max(0, distance / step + (distance % step != 0 && distance < 0 == step < 0 ? 1 : 0));
        if (!Ints.AreFew(count)) node.Set(0, node.Type(0), new Shape([count]));
        else node.SetInts(0, node.Type(0), Ints.Vector(Enumerable.Range(0, (int)count).Select(i => start + i * step)));
    }

    private static void ShapeOf(NodeInference node)
    {
        if (node.Shape(0) is not { } shape)
        {
            node.Set(0, ElementType.Int64, new Shape([Dimension.Unknown]));
            return;
        }
        long Clamp(long axis) => Math.Clamp(axis < 0 ? axis + shape.Rank : axis, 0, shape.Rank);
        var (start, end) = ((int)Clamp(node.Node.Int("start", 0)), (int)Clamp(node.Node.Int("end", shape.Rank)));
        var axes = shape.Dimensions.Skip(start).Take(Math.Max(0, end - start));
        node.SetInts(0, ElementType.Int64, Ints.Vector(axes.Select(IntValue.Of)));
    }

    private static void Size(NodeInference node)
    {
        var count = node.Shape(0) is { } shape ? IntValue.Of(DimensionArithmetic.Product(shape.Dimensions)) : IntValue.Unknown;
        node.SetInts(0, ElementType.Int64, Ints.Scalar(count));
    }

    private static void RandomOfShape(NodeInference node)
    {
        if (node.Node.Ints("shape") is not { } lengths || lengths.Any(l => l < 0)) return;
        node.Set(0, (ElementType)node.Node.Int("dtype", (long)ElementType.Float32), Shape.Of(lengths.AsSpan()));
    }
}
