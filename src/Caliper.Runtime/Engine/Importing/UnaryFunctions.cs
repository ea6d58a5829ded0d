using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Functions of one number: the float form of operators that become tables of bytes.</summary>
internal static class UnaryFunctions
{
    private static readonly FrozenDictionary<string, Func<Node, Func<float, float>>> Known = new Dictionary<string, Func<Node, Func<float, float>>>
    {
        ["Relu"] = _ => x => MathF.Max(x, 0),
        ["LeakyRelu"] = n => { var a = n.Float("alpha", 0.01f); return x => x >= 0 ? x : a * x; },
        ["ThresholdedRelu"] = n => { var a = n.Float("alpha", 1); return x => x > a ? x : 0; },
        ["Sigmoid"] = _ => Sigmoid,
        ["Tanh"] = _ => MathF.Tanh,
        ["HardSigmoid"] = n => { var (a, b) = (n.Float("alpha", 0.2f), n.Float("beta", 0.5f)); return x => MathF.Max(0, MathF.Min(1, a * x + b)); },
        ["HardSwish"] = _ => x => x * MathF.Max(0, MathF.Min(1, x * (1f / 6) + 0.5f)),
        ["Elu"] = n => { var a = n.Float("alpha", 1); return x => x >= 0 ? x : a * (MathF.Exp(x) - 1); },
        ["Selu"] = n =>
        {
            var (a, g) = (n.Float("alpha", 1.6732632f), n.Float("gamma", 1.050701f)); return x =>
            x >= 0 ? g * x : g * (a * MathF.Exp(x) - a);
        },
        ["Celu"] = n => { var a = n.Float("alpha", 1); return x => MathF.Max(0, x) + MathF.Min(0, a * (MathF.Exp(x / a) - 1)); },
        ["Softplus"] = _ => Softplus,
        ["Softsign"] = _ => x => x / (1 + MathF.Abs(x)),
        ["Mish"] = _ => x => x * MathF.Tanh(Softplus(x)),
        ["Gelu"] = n => n.Text("approximate", "none") == "tanh" ? TanhGelu : x => 0.5f * x * (1 + Erf(x * 0.70710678f)),
        ["FastGelu"] = _ => TanhGelu,
        ["QuickGelu"] = n => { var a = n.Float("alpha", 1.702f); return x => x * Sigmoid(a * x); },
        ["Erf"] = _ => Erf,
        ["Exp"] = _ => MathF.Exp,
        ["Log"] = _ => MathF.Log,
        ["Sqrt"] = _ => MathF.Sqrt,
        ["Abs"] = _ => MathF.Abs,
        ["Neg"] = _ => x => -x,
        ["Reciprocal"] = _ => x => 1 / x,
        ["Ceil"] = _ => MathF.Ceiling,
        ["Floor"] = _ => MathF.Floor,
        ["Round"] = _ => x => MathF.Round(x, MidpointRounding.ToEven),
        ["Sign"] = _ => x => x > 0 ? 1 : x < 0 ? -1 : 0,
        ["Sin"] = _ => MathF.Sin,
        ["Cos"] = _ => MathF.Cos,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Func<float, float, float>> Binary = new Dictionary<string, Func<float, float, float>>
    {
        ["Add"] = (a, b) => a + b,
        ["Sub"] = (a, b) => a - b,
        ["Mul"] = (a, b) => a * b,
        ["Div"] = (a, b) => a / b,
        ["Pow"] = MathF.Pow,
        ["Min"] = MathF.Min,
        ["Max"] = MathF.Max,
        ["PRelu"] = (x, slope) => x >= 0 ? x : slope * x,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Operators that have a table, sorted.</summary>
    public static IEnumerable<string> Operators => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether an operator is a function of one number.</summary>
    public static bool IsOfOne(string opType) => Known.ContainsKey(opType);

    /// <summary>Whether an operator is a function of two numbers.</summary>
    public static bool IsOfTwo(string opType) => Binary.ContainsKey(opType);

    /// <summary>The function of one number that a node is by its operator and attributes alone, or null.</summary>
    public static Func<float, float>? OfOne(Node node) =>
        node.Domain is "" or "com.microsoft" && node.Inputs.Length == 1 && Known.TryGetValue(node.OpType, out var known) ? known(node) : null;

    /// <summary>A function of two numbers by its operator, or null.</summary>
    public static Func<float, float, float>? OfTwo(Node node) =>
        node.Domain is "" && node.Inputs.Length == 2 ? Binary.GetValueOrDefault(node.OpType) : null;

    /// <summary>A node as a function of its one input that is not constant: its index and the function; null where it is none.
    /// Constants with one element count.</summary>
    public static (int Input, Func<float, float> Function)? Of(GraphImporter graph, Node node)
    {
        if (BoundsOf(graph, node) is { } bounds && node.OpType is "Clip") return (0, x => MathF.Min(MathF.Max(x, bounds.Min), bounds.Max));
        if (OfOne(node) is { } one) return (0, one);
        if (OfTwo(node) is not { } two || node.Inputs.Any(i => i.Length == 0)) return null;
        if (Scalar(graph, node, 1) is { } right) return (0, x => two(x, right));
        return Scalar(graph, node, 0) is { } left ? (1, x => two(left, x)) : null;
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

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private static float Softplus(float x) => x > 0 ? x + MathF.Log(MathF.Exp(-x) + 1) : MathF.Log(MathF.Exp(x) + 1);

    private static float TanhGelu(float x) => 0.5f * x * (1 + MathF.Tanh(0.7978846f * (x + 0.044715f * x * x * x)));

    /// <summary>The error function by its power series near 0 and its continued fraction beyond (Abramowitz and Stegun,
    /// 7.1.5 and 7.1.14), in double: exact to float32.</summary>
    private static float Erf(float value)
    {
        var x = Math.Abs((double)value);
        if (x > 6) return MathF.Sign(value);
        double result;
        if (x < 2.5)
        {
            double term = x, sum = x;
            for (var n = 1; n < 80; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            result = 2 / Math.Sqrt(Math.PI) * sum;
        }
        else
        {
            var fraction = x;
            for (var n = 60; n > 0; n--) fraction = x + n / 2.0 / fraction;
            result = 1 - Math.Exp(-x * x) / (fraction * Math.Sqrt(Math.PI));
        }
        return (float)Math.CopySign(result, value);
    }
}
