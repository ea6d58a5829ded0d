using System.Collections.Immutable;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Works out what one node returns.</summary>
internal delegate void ShapeRule(NodeInference node);

/// <summary>What a rule sees of a node: what is known of its inputs; and where it says what it found.</summary>
internal sealed class NodeInference(
    Node node, Func<string, Value?> values, Func<string, Ints?> ints, Func<string, Tensor?> constants)
{
    private readonly Value?[] _values = new Value?[node.Outputs.Length];
    private Ints?[]? _ints;

    /// <summary>The node.</summary>
    public Node Node => node;

    /// <summary>What was found, by the name of the output.</summary>
    public IEnumerable<Value> Found => _values.OfType<Value>();

    /// <summary>Integers that were found, by the name of the output.</summary>
    public IEnumerable<(string Output, Ints Ints)> FoundInts =>
        _ints is null ? [] : node.Outputs.Zip(_ints).Where(p => p.Second is not null).Select(p => (p.First, p.Second!));

    /// <summary>Whether an input is there.</summary>
    public bool Has(int input) => node.Input(input).Length > 0;

    /// <summary>Element type of an input.</summary>
    public ElementType Type(int input) => values(node.Input(input))?.Type ?? ElementType.Undefined;

    /// <summary>Shape of an input, or null where it is not known or the input is left out.</summary>
    public Shape? Shape(int input) => values(node.Input(input))?.Shape;

    /// <summary>What is known of an input's integers.</summary>
    public Ints? Ints(int input) => ints(node.Input(input));

    /// <summary>The input's value where it is a constant.</summary>
    public Tensor? Constant(int input) => Has(input) ? constants(node.Input(input)) : null;

    /// <summary>Integers that older operator sets have as an attribute and newer ones as an input; null where they are
    /// absent or not known.</summary>
    public ImmutableArray<long>? IntsOf(string attribute, int input) =>
        Has(input) ? Ints(input)?.Numbers : node.Ints(attribute);

    /// <summary>Refuses a parameter that has not one number for each of something, such as a bias of each output.</summary>
    public void NeedsNumbers(int input, Dimension count)
    {
        if (Shape(input) is not { } parameter) return;
        if (parameter.Rank != 1 || DimensionArithmetic.Same(parameter[0], count) is null)
            throw Bad($"has {parameter} numbers in '{node.Input(input)}' where it needs {count}");
    }

    /// <summary>Says what an output is.</summary>
    public void Set(int output, ElementType type, Shape? shape)
    {
        if (OutputName(output) is { Length: > 0 } name) _values[output] = new Value(name, type, shape);
    }

    /// <summary>Says what integers an output holds.</summary>
    public void SetInts(int output, ElementType type, Ints value)
    {
        Set(output, type, value.Shape);
        if (OutputName(output).Length > 0) (_ints ??= new Ints?[node.Outputs.Length])[output] = value;
    }

    private string OutputName(int output) => output < node.Outputs.Length ? node.Outputs[output] : "";

    /// <summary>An axis counted from the front.</summary>
    /// <exception cref="CaliperException">There is no such axis.</exception>
    public int Axis(long axis, int rank) => NodeAxes.At(node, axis, rank);

    /// <summary>An attribute of one number for each of <paramref name="count"/> axes.</summary>
    public ImmutableArray<long> Ints(string attribute, int count, long whenAbsent) =>
        SlidingWindow.Numbers(node, attribute, count, whenAbsent);

    /// <summary>The error that a node contradicts its inputs.</summary>
    public CaliperException Bad(string fault) => NodeFault.Of(node, fault);
}
