using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Importing;

/// <summary>Functions of one number: the float form of operators that become tables of bytes.</summary>
internal static class UnaryFunctions
{
    private static readonly FrozenDictionary<string, Func<Node, FloatFunction>> Known = new Dictionary<string, Func<Node, FloatFunction>>
    {
        ["Relu"] = _ => FloatFunction.From(default(ReluMap)),
        ["LeakyRelu"] = n => FloatFunction.From(new LeakyReluMap(n.Float("alpha", 0.01f))),
        ["ThresholdedRelu"] = n => { var a = n.Float("alpha", 1); return new(x => x > a ? x : 0); },
        ["Sigmoid"] = _ => FloatFunction.From(default(SigmoidMap)),
        ["Tanh"] = _ => FloatFunction.From(default(TanhMap)),
        ["HardSigmoid"] = n => FloatFunction.From(new HardSigmoidMap(n.Float("alpha", 0.2f), n.Float("beta", 0.5f))),
        ["HardSwish"] = _ => FloatFunction.From(default(HardSwishMap)),
        ["Elu"] = n => { var a = n.Float("alpha", 1); return new(x => x >= 0 ? x : a * (MathF.Exp(x) - 1)); },
        ["Selu"] = n =>
        {
            var (a, g) = (n.Float("alpha", 1.6732632f), n.Float("gamma", 1.050701f));
            return new(x => x >= 0 ? g * x : g * (a * MathF.Exp(x) - a));
        },
        ["Celu"] = n => { var a = n.Float("alpha", 1); return new(x => MathF.Max(0, x) + MathF.Min(0, a * (MathF.Exp(x / a) - 1))); },
        ["Softplus"] = _ => new(Softplus),
        ["Softsign"] = _ => new(x => x / (1 + MathF.Abs(x))),
        ["Mish"] = _ => new(x => x * MathF.Tanh(Softplus(x))),
        ["Gelu"] = n => n.Text("approximate", "none") == "tanh" ? FloatFunction.From(default(TanhGeluMap)) : FloatFunction.From(default(GeluMap)),
        ["FastGelu"] = _ => FloatFunction.From(default(TanhGeluMap)),
        ["QuickGelu"] = n => FloatFunction.From(new SwishMap(n.Float("alpha", 1.702f))),
        ["Erf"] = _ => FloatFunction.From(default(ErfMap)),
        ["Exp"] = _ => FloatFunction.From(default(ExpMap)),
        ["Log"] = _ => new(MathF.Log),
        ["Sqrt"] = _ => FloatFunction.From(default(SqrtMap)),
        ["Abs"] = _ => FloatFunction.From(default(AbsMap)),
        ["Neg"] = _ => FloatFunction.From(default(NegMap)),
        ["Reciprocal"] = _ => FloatFunction.From(default(ReciprocalMap)),
        ["Ceil"] = _ => FloatFunction.From(default(CeilMap)),
        ["Floor"] = _ => FloatFunction.From(default(FloorMap)),
        ["Round"] = _ => FloatFunction.From(default(RoundMap)),
        ["Sign"] = _ => new(x => x > 0 ? 1 : x < 0 ? -1 : 0),
        ["Sin"] = _ => new(MathF.Sin),
        ["Cos"] = _ => new(MathF.Cos),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, FloatFunctionOfTwo> Binary = new Dictionary<string, FloatFunctionOfTwo>
    {
        ["Add"] = FloatFunctionOfTwo.From(default(AddZip)),
        ["Sub"] = FloatFunctionOfTwo.From(default(SubZip)),
        ["Mul"] = FloatFunctionOfTwo.From(default(MulZip)),
        ["Div"] = FloatFunctionOfTwo.From(default(DivZip)) with { WithRight = c => FloatFunction.From(new QuotientMap(c)) },
        // A square is what people raise things to.
        ["Pow"] = FloatFunctionOfTwo.From(MathF.Pow) with
        {
            WithRight = c => c == 2 ? FloatFunction.From(default(SquareMap)) : new(x => MathF.Pow(x, c)),
        },
        ["Min"] = FloatFunctionOfTwo.From(default(MinZip)),
        ["Max"] = FloatFunctionOfTwo.From(default(MaxZip)),
        // The remainder with the sign of the dividend: floats have no other.
        ["Mod"] = FloatFunctionOfTwo.From((a, b) => a % b),
        ["PRelu"] = FloatFunctionOfTwo.From(default(PReluZip)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Operators that have a table, sorted.</summary>
    public static IEnumerable<string> Operators => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether an operator is a function of one number.</summary>
    public static bool IsOfOne(string opType) => Known.ContainsKey(opType);

    /// <summary>Whether an operator is a function of two numbers.</summary>
    public static bool IsOfTwo(string opType) => Binary.ContainsKey(opType);

    /// <summary>The function of one number that a node is by its operator and attributes alone, or null.</summary>
    public static FloatFunction? OfOne(Node node) =>
        node.Domain is "" or "com.microsoft" && node.Inputs.Length == 1 && Known.TryGetValue(node.OpType, out var known) ? known(node) : null;

    /// <summary>A function of two numbers by its operator, or null.</summary>
    public static FloatFunctionOfTwo? OfTwo(Node node) =>
        node.Domain is "" && node.Inputs.Length == 2 ? Binary.GetValueOrDefault(node.OpType) : null;

    /// <summary>A node as a function of its one input that is not constant: its index and the function; null where it is none.
    /// Constants with one element count.</summary>
    public static (int Input, FloatFunction Function)? Of(GraphImporter graph, Node node)
    {
        if (BoundsOf(graph, node) is { } bounds && node.OpType is "Clip") return (0, FloatFunction.From(new ClipMap(bounds.Min, bounds.Max)));
        if (OfOne(node) is { } one) return (0, one);
        if (OfTwo(node) is not { } two || node.Inputs.Any(i => i.Length == 0)) return null;
        if (Scalar(graph, node, 1) is { } right) return (0, two.WithRight(right));
        return Scalar(graph, node, 0) is { } left ? (1, two.WithLeft(left)) : null;
    }

    /// <summary>The bounds of a Relu or Clip, or null.</summary>
    public static (float Min, float Max)? BoundsOf(GraphImporter graph, Node node)
    {
        if (node.Is("Relu")) return (0, float.PositiveInfinity);
        if (!node.Is("Clip")) return null;
        if (node.Inputs.Length <= 1) return (node.Float("min", float.NegativeInfinity), node.Float("max", float.PositiveInfinity));
        var (min, max) = (Bound(1, float.NegativeInfinity), Bound(2, float.PositiveInfinity));
        return min is { } low && max is { } high ? (low, high) : null;

        float? Bound(int input, float whenAbsent) => node.Input(input).Length == 0 ? whenAbsent
            : graph.Constant(node.Inputs[input]) is { Type: ElementType.Float32, Count: 1 } tensor ? tensor.Span<float>()[0] : null;
    }

    private static float? Scalar(GraphImporter graph, Node node, int input)
    {
        // A constant of more axes than the other operand would change the shape.
        var other = graph.ShapeOf(node.Inputs[1 - input]);
        return graph.Constant(node.Inputs[input]) is { Type: ElementType.Float32, Count: 1 } tensor && tensor.Shape.Rank <= other.Length
            ? tensor.Span<float>()[0] : null;
    }

    private static float Softplus(float x) => x > 0 ? x + MathF.Log(MathF.Exp(-x) + 1) : MathF.Log(MathF.Exp(x) + 1);
}
